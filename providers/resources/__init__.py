"""Resource types of Pulumi and Terraform that hold DNS records, and how they become zones."""
