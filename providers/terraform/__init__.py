"""Plans of Terraform and OpenTofu, made into zones before and after.

Imports grammars, rules and the resources that all such worlds share.
"""
