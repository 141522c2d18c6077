"""CloudFormation: templates in YAML and JSON, those of CDK and Serverless too, into zones.

It may import providers.resources, which makes zones, and providers.hcl, whose values it shares.
"""
