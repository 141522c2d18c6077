data "aws_route53_zone" "this" {
  name = var.domain
}

locals {
  mail = coalesce(var.mail_domain, "bounce.${var.domain}")
  spf  = join(" ", concat(["v=spf1"], [for host in var.spf_includes : "include:${host}"], ["~all"]))
}

resource "aws_route53_record" "spf" {
  zone_id = data.aws_route53_zone.this.zone_id
  name    = data.aws_route53_zone.this.name
  type    = "TXT"
  ttl     = 300
  records = [local.spf]
}

resource "aws_route53_record" "dmarc" {
  zone_id = data.aws_route53_zone.this.id
  name    = "_dmarc.${var.domain}"
  type    = "TXT"
  ttl     = 300
  records = ["v=DMARC1;p=${var.dmarc_policy};rua=mailto:postmaster@${var.domain};adkim=s"]
}

resource "aws_route53_record" "dkim" {
  for_each = var.dkim

  zone_id = data.aws_route53_zone.this.zone_id
  name    = "${each.key}._domainkey.${var.domain}"
  type    = each.value.type
  ttl     = coalesce(each.value.ttl, 3600)
  records = [each.value.value]
}

resource "aws_route53_record" "bounce_mx" {
  zone_id = data.aws_route53_zone.this.zone_id
  name    = local.mail
  type    = "MX"
  ttl     = 300
  records = ["10 feedback-smtp.${var.region}.amazonses.com"]
}

variable "region" { default = "eu-west-1" }
