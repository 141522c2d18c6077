# What a service gives out is known after the change; the rest is not.
variable "domain_name" { default = "example.io" }
variable "environment" { default = "production" }
variable "enable_dmarc" {
  type    = bool
  default = true
}

data "aws_route53_zone" "main" {
  name = "${var.domain_name}."
}

resource "terraform_data" "identity" {
  count = 3
  input = "token${count.index}"
}

resource "aws_route53_record" "dkim" {
  count   = 3
  zone_id = data.aws_route53_zone.main.zone_id
  name    = "selector${count.index}._domainkey.${var.domain_name}"
  type    = "CNAME"
  ttl     = "600"
  records = ["${terraform_data.identity[count.index].output}.dkim.amazonses.com"]
}

resource "aws_route53_record" "verification" {
  zone_id = data.aws_route53_zone.main.zone_id
  name    = "_amazonses.${var.domain_name}"
  type    = "TXT"
  ttl     = "600"
  records = [terraform_data.identity[0].id]
}

resource "aws_route53_record" "spf_mail_from" {
  zone_id = data.aws_route53_zone.main.zone_id
  name    = "mail.${var.domain_name}"
  type    = "TXT"
  ttl     = "600"
  records = ["v=spf1 include:amazonses.com -all"]
}

resource "aws_route53_record" "mx_mail_from" {
  zone_id = data.aws_route53_zone.main.zone_id
  name    = aws_route53_record.spf_mail_from.name
  type    = "MX"
  ttl     = "600"
  records = ["10 feedback-smtp.us-east-1.amazonses.com"]
}

resource "aws_route53_record" "dmarc" {
  count   = var.enable_dmarc && var.environment == "production" ? 1 : 0
  zone_id = data.aws_route53_zone.main.zone_id
  name    = "_dmarc.${var.domain_name}"
  type    = "TXT"
  ttl     = "600"
  records = [
    "v=DMARC1; p=${var.environment == "production" ? "quarantine" : "none"}; rua=mailto:dmarc@${var.domain_name};",
  ]
}

resource "aws_route53_record" "workspace" {
  zone_id = data.aws_route53_zone.main.zone_id
  name    = "sub.${var.domain_name}"
  type    = "TXT"
  ttl     = "600"
  records = ["v=spf1 include:${terraform.workspace}.spf.example.net ~all"]
}
