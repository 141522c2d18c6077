# The mail of one company, as most write it: one file, one zone, plain values.
resource "aws_route53_zone" "primary" {
  name    = "example.com"
  comment = "Managed by Terraform"
}

resource "aws_route53_record" "www" {
  zone_id = aws_route53_zone.primary.zone_id
  name    = "www.example.com"
  type    = "A"
  ttl     = "300"
  records = ["192.0.2.10"]
}

resource "aws_route53_record" "mx" {
  zone_id = aws_route53_zone.primary.zone_id
  name    = "" # the apex
  type    = "MX"
  ttl     = 3600
  records = [
    "1 aspmx.l.google.com",
    "5 alt1.aspmx.l.google.com",
    "5 alt2.aspmx.l.google.com",
  ]
}

resource "aws_route53_record" "txt" {
  zone_id = "${aws_route53_zone.primary.zone_id}"
  name    = "example.com."
  type    = "TXT"
  ttl     = 3600
  records = [
    "google-site-verification=Zp4sVq0",
    "v=spf1 include:_spf.google.com include:mail.zendesk.com ~all",
  ]
}

resource "aws_route53_record" "google_dkim" {
  zone_id = aws_route53_zone.primary.zone_id
  name    = "google._domainkey"
  type    = "TXT"
  ttl     = 3600
  records = ["v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC7\"\"q2lGZ0vFh6Uq3vJcQ9i0m3YgkqkF5b2e1xqvHqB8m9yW2tq3KkqVJtGg0s8oQIDAQAB"]
}

resource "aws_route53_record" "dmarc" {
  zone_id = aws_route53_zone.primary.zone_id
  name    = "_dmarc"
  type    = "TXT"
  ttl     = 3600
  records = ["v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com; pct=100"]
}
