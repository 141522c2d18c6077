variable "domain" { type = string }

variable "senders" {
  type    = list(string)
  default = []
}

variable "dmarc" {
  type = object({
    policy = optional(string, "reject")
    rua    = optional(string)
  })
  default = {}
}

variable "extra_txt" {
  type    = list(string)
  default = []
}

locals {
  known = {
    google    = "_spf.google.com"
    mailchimp = "servers.mcsv.net"
    sendgrid  = "sendgrid.net"
  }
  includes = [for sender in var.senders : "include:${local.known[sender]}"]
  spf      = length(local.includes) > 0 ? "v=spf1 ${join(" ", local.includes)} -all" : "v=spf1 -all"
  dmarc = join("; ", compact([
    "v=DMARC1",
    "p=${var.dmarc.policy}",
    var.dmarc.rua != null ? "rua=mailto:${var.dmarc.rua}" : "",
  ]))
}

resource "aws_route53_zone" "this" {
  name = var.domain
}

resource "aws_route53_record" "apex_txt" {
  zone_id = aws_route53_zone.this.zone_id
  name    = aws_route53_zone.this.name
  type    = "TXT"
  ttl     = 3600
  records = concat([local.spf], var.extra_txt)
}

resource "aws_route53_record" "dmarc" {
  zone_id = aws_route53_zone.this.zone_id
  name    = "_dmarc.${aws_route53_zone.this.name}"
  type    = "TXT"
  ttl     = 3600
  records = [local.dmarc]
}

resource "aws_route53_record" "null_mx" {
  count   = length(var.senders) == 0 ? 1 : 0
  zone_id = aws_route53_zone.this.zone_id
  name    = var.domain
  type    = "MX"
  ttl     = 3600
  records = ["0 ."]
}

resource "aws_route53_record" "google_mx" {
  count   = contains(var.senders, "google") ? 1 : 0
  zone_id = aws_route53_zone.this.zone_id
  name    = var.domain
  type    = "MX"
  ttl     = 3600
  records = ["1 smtp.google.com"]
}

output "zone_id" { value = aws_route53_zone.this.zone_id }
output "domain" { value = var.domain }
