"""Resource types of Pulumi and Terraform that hold DNS records, and how they become zones.

Imports grammars and rules; nothing of the worlds that use it.
"""
