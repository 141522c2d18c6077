locals {
  domain = "example.co.uk"
  key    = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAnzyis1ZjfNB0bBgKFMSvvkTtwlvBsaJq7S5wA+kzeVOVpVWwkWdVha4s38XM/pa/yr47av7+z3VTmvDRyAHcaT92whREFpLv9cj5lTeJSibyr/Mrm/YtjCZVWgaOYIhwrXwKLqPr/11inWsAkfIytvHWTxZYEcXLgAXFuUuaS3uF9gEiNQwzGTU1v0FqkqTBr4B8nW3HCN47XUu0t8Y0e+lf4s4OxQawWD79J9/5d3Ry0vbV3Am1FtGJiJvOwRsIfVChDpYStTcHTCMqtvWbV6L11BWkpzGXSW4Hv43qa+GSYOD2QU68Mb59oSk2OB+BtOLpJofmbGEGgvmwyCI9MwIDAQAB"
  text   = "v=DKIM1; k=rsa; p=${local.key}"
  mta_sts = templatefile("${path.module}/tlsrpt.tftpl", { addresses = ["tls@${local.domain}", "tls@example.net"] })
}

resource "aws_route53_zone" "uk" { name = local.domain }

resource "aws_route53_record" "dkim" {
  zone_id = aws_route53_zone.uk.id
  name    = "mail._domainkey"
  type    = "TXT"
  ttl     = 3600
  records = [join("\"\"", [for part in chunklist(split("", local.text), 255) : join("", part)])]
}

resource "aws_route53_record" "dkim_old" {
  zone_id = aws_route53_zone.uk.id
  name    = "old._domainkey"
  type    = "TXT"
  ttl     = 3600
  records = [replace(local.text, "/(.{255})/", "$1\"\"")]
}

resource "aws_route53_record" "dkim_cut" {
  zone_id = aws_route53_zone.uk.id
  name    = "cut._domainkey"
  type    = "TXT"
  ttl     = 3600
  records = ["${substr(local.text, 0, 255)}\"\"${substr(local.text, 255, -1)}"]
}

resource "aws_route53_record" "spf" {
  zone_id = aws_route53_zone.uk.id
  name    = local.domain
  type    = "TXT"
  ttl     = 3600
  records = [<<-EOT
    v=spf1 ip4:192.0.2.0/24 mx -all
  EOT
  ]
}

resource "aws_route53_record" "tls_reports" {
  zone_id = aws_route53_zone.uk.id
  name    = "_smtp._tls"
  type    = "TXT"
  ttl     = 3600
  records = [trimspace(local.mta_sts)]
}

resource "aws_route53_record" "spf_hosts" {
  for_each = { for n, host in ["a", "b"] : host => cidrhost("192.0.2.0/24", n + 10) }
  zone_id  = aws_route53_zone.uk.id
  name     = "${each.key}.${local.domain}"
  type     = "TXT"
  ttl      = 3600
  records  = [lower("V=SPF1 IP4:${each.value} -ALL")]
}
