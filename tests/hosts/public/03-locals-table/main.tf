locals {
  zone_id = "Z0123456789ABCDEFGHIJ"
  domain  = "example.org"
  ttl     = { short = 300, long = 86400 }

  records = {
    mx = {
      name   = local.domain
      type   = "MX"
      ttl    = local.ttl.long
      values = ["10 in1-smtp.messagingengine.com.", "20 in2-smtp.messagingengine.com."]
    }
    spf = {
      name   = local.domain
      type   = "TXT"
      ttl    = local.ttl["long"]
      values = ["v=spf1 include:spf.messagingengine.com ?all"]
    }
    dmarc = {
      name   = format("_dmarc.%s", local.domain)
      type   = "TXT"
      values = ["v=DMARC1; p=none; rua=mailto:${local.reports}"]
    }
  }

  reports  = "dmarc@${local.domain}"
  fastmail = toset(["fm1", "fm2", "fm3"])
}

resource "aws_route53_record" "this" {
  for_each = local.records

  zone_id = local.zone_id
  name    = each.value.name
  type    = each.value.type
  ttl     = lookup(each.value, "ttl", 3600)
  records = each.value["values"]
}

resource "aws_route53_record" "fastmail" {
  for_each = local.fastmail
  zone_id  = local.zone_id
  name     = "${each.key}._domainkey.${local.domain}"
  type     = "CNAME"
  ttl      = 3600
  records  = ["${each.value}.${local.domain}.dkim.fmhosted.com"]
}

resource "aws_route53_record" "ms" {
  count   = length(["selector1", "selector2"])
  zone_id = local.zone_id
  name    = "selector${count.index + 1}._domainkey.${local.domain}"
  type    = "CNAME"
  ttl     = 3600
  records = ["selector${count.index + 1}-${replace(local.domain, ".", "-")}._domainkey.contoso.onmicrosoft.com"]
}
