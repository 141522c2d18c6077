variable "cloudflare_zone_id" {
  type    = string
  default = "023e105f4ecef8ad9ca31a8372d0c353"
}

locals {
  domain = "example.dev"
  mx = [
    { server = "route1.mx.cloudflare.net", priority = 10 },
    { server = "route2.mx.cloudflare.net", priority = 20 },
    { server = "route3.mx.cloudflare.net", priority = 30 },
  ]
  dkim_key = file("${path.module}/dkim.pub")
}

resource "cloudflare_dns_record" "mx" {
  for_each = { for index, mx in local.mx : index => mx }
  zone_id  = var.cloudflare_zone_id
  name     = local.domain
  type     = "MX"
  content  = each.value.server
  priority = each.value.priority
  ttl      = 1
}

resource "cloudflare_dns_record" "spf" {
  zone_id = var.cloudflare_zone_id
  name    = "@"
  type    = "TXT"
  content = "\"v=spf1 include:_spf.mx.cloudflare.net ~all\""
  ttl     = 1
  proxied = false
}

resource "cloudflare_dns_record" "dmarc" {
  zone_id = var.cloudflare_zone_id
  name    = "_dmarc"
  type    = "TXT"
  content = "v=DMARC1; p=quarantine; rua=mailto:${join("@", ["dmarc", local.domain])}"
  ttl     = 1
  comment = "reports go to the shared mailbox"
}

resource "cloudflare_dns_record" "dkim" {
  zone_id = var.cloudflare_zone_id
  name    = "mail._domainkey"
  type    = "TXT"
  content = "v=DKIM1; k=rsa; p=${replace(trimspace(local.dkim_key), "\n", "")}"
  ttl     = 3600
}

resource "cloudflare_dns_record" "dkim_cname" {
  for_each = { for n in range(1, 4) : "protonmail${n == 1 ? "" : n}" => "d2mkk4" }
  zone_id  = var.cloudflare_zone_id
  name     = "${each.key}._domainkey"
  type     = "CNAME"
  content  = "${each.key}.domainkey.${each.value}.domains.proton.ch"
  ttl      = 1
  proxied  = false
}
