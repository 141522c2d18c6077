variable "domain" {
  type        = string
  description = "The domain"
}

variable "mail_domain" {
  type    = string
  default = null
}

variable "spf_includes" {
  type    = list(string)
  default = ["_spf.google.com", "sendgrid.net"]
}

variable "dmarc_policy" {
  default = "none"
  validation {
    condition     = contains(["none", "quarantine", "reject"], var.dmarc_policy)
    error_message = "No such policy."
  }
}

variable "dkim" {
  type = map(object({
    value = string
    type  = optional(string, "CNAME")
    ttl   = optional(number)
  }))
  default = {}
}
