"""Terraform and OpenTofu source: folders of `.tf` files into zones, without a plan.

It may import providers.hcl, which reads the language, and providers.resources, which makes zones.
"""
