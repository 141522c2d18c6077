"""HCL, the language of Terraform and OpenTofu: blocks, expressions, values and what they come to.

Nothing here knows of DNS. It may import the floors below; python-hcl2 is imported only here, and
only where a file is read.
"""
