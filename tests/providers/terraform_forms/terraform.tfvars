given = "from terraform.tfvars"
later = "from terraform.tfvars"
