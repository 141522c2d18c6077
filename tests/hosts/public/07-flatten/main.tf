variable "domains" {
  description = "What each domain publishes"
  type = list(object({
    name = string
    mx   = optional(list(string), ["10 mx1.example-host.net", "20 mx2.example-host.net"])
    txt = optional(list(object({
      name   = optional(string, "")
      values = list(string)
    })), [])
    dkim_selectors = optional(set(string), ["s1", "s2"])
  }))
  default = [
    {
      name = "example.com"
      txt = [
        { values = ["v=spf1 a mx include:_spf.example-host.net -all"] },
        { name = "_dmarc", values = ["v=DMARC1; p=reject; rua=mailto:d@example.com"] },
      ]
    },
    {
      name           = "example.net"
      mx             = ["0 ."]
      txt            = [{ values = ["v=spf1 -all"] }, { name = "*._domainkey", values = ["v=DKIM1; p="] }]
      dkim_selectors = []
    },
  ]
}

locals {
  by_name = { for domain in var.domains : domain.name => domain }
  txt = flatten([
    for domain in var.domains : [
      for record in domain.txt : {
        domain = domain.name
        name   = record.name
        values = record.values
      }
    ]
  ])
  dkim = distinct(flatten([for d in var.domains : [for s in d.dkim_selectors : "${s}@${d.name}"]]))
}

resource "aws_route53_zone" "zone" {
  for_each = local.by_name
  name     = each.key
}

resource "aws_route53_record" "mx" {
  for_each = local.by_name
  zone_id  = aws_route53_zone.zone[each.key].zone_id
  name     = each.key
  type     = "MX"
  ttl      = 3600
  records  = each.value.mx
}

resource "aws_route53_record" "txt" {
  for_each = { for record in local.txt : trimprefix("${record.name}.${record.domain}", ".") => record }
  zone_id  = aws_route53_zone.zone[each.value.domain].zone_id
  name     = each.key
  type     = "TXT"
  ttl      = 3600
  records  = each.value.values
}

resource "aws_route53_record" "dkim" {
  count   = length(local.dkim)
  zone_id = aws_route53_zone.zone[split("@", local.dkim[count.index])[1]].zone_id
  name    = join("._domainkey.", split("@", local.dkim[count.index]))
  type    = "CNAME"
  ttl     = 3600
  records = [format("%s.dkim.example-host.net", element(split("@", local.dkim[count.index]), 0))]
}
