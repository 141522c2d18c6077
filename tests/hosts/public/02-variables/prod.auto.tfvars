dmarc_policy = "reject"
