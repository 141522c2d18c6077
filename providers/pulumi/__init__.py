"""The world of Pulumi; needs the extra of that name."""
