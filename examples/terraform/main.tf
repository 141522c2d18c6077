# A domain on Microsoft 365, in Amazon Route 53. plan.json beside this file is OpenTofu's plan of the
# step from DMARC's p=none to p=reject.
resource "aws_route53_zone" "example" {
  name = "example.com"
}

locals {
  tenant = "contoso"
}

resource "aws_route53_record" "spf" {
  zone_id = aws_route53_zone.example.zone_id
  name    = ""
  type    = "TXT"
  ttl     = 3600
  records = ["v=spf1 include:spf.protection.outlook.com -all"]
}

resource "aws_route53_record" "dmarc" {
  zone_id = aws_route53_zone.example.zone_id
  name    = "_dmarc"
  type    = "TXT"
  ttl     = 3600
  records = ["v=DMARC1; p=reject; rua=mailto:dmarc@example.com"]
}

resource "aws_route53_record" "mx" {
  zone_id = aws_route53_zone.example.zone_id
  name    = ""
  type    = "MX"
  ttl     = 3600
  records = ["0 example-com.mail.protection.outlook.com"]
}

resource "aws_route53_record" "dkim" {
  for_each = toset(["selector1"])
  zone_id  = aws_route53_zone.example.zone_id
  name     = "${each.key}._domainkey"
  type     = "CNAME"
  ttl      = 3600
  records  = ["${each.key}-example-com._domainkey.${local.tenant}.onmicrosoft.com"]
}
