# As it was written for version 0.11, and never touched since.
variable "domain" {
  default = "example.com"
}

variable "google_mx" {
  type = list(string)

  default = [
    "1 aspmx.l.google.com.",
    "5 alt1.aspmx.l.google.com.",
  ]
}

variable "selectors" {
  default = {
    "a" = "one"
    "b" = "two"
  }
}

resource "aws_route53_zone" "public" {
  name = "${var.domain}"
}

resource "aws_route53_record" "mx" {
  zone_id = "${aws_route53_zone.public.zone_id}"
  name    = "${aws_route53_zone.public.name}"
  type    = "MX"
  ttl     = "3600"
  records = "${var.google_mx}"
}

resource "aws_route53_record" "txt" {
  zone_id = "${aws_route53_zone.public.zone_id}"
  name    = "${var.domain}"
  type    = "TXT"
  ttl     = "3600"

  records = [
    "${join(" ", ["v=spf1", "include:_spf.google.com", "~all"])}",
    "keybase-site-verification=x",
  ]
}

resource "aws_route53_record" "dkim" {
  count   = "${length(keys(var.selectors))}"
  zone_id = "${aws_route53_zone.public.zone_id}"
  name    = "${element(keys(var.selectors), count.index)}._domainkey.${var.domain}"
  type    = "CNAME"
  ttl     = "3600"
  records = ["${lookup(var.selectors, element(keys(var.selectors), count.index))}.dkim.example.net"]
}

resource "aws_route53_record" "dmarc" {
  zone_id = "${aws_route53_zone.public.zone_id}"
  name    = "${format("_dmarc.%s", var.domain)}"
  type    = "TXT"
  ttl     = "3600"
  records = ["v=DMARC1; p=none"]
}
