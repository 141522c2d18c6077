locals {
  files = fileset("${path.module}/zones", "*.yaml")
  zones = { for file in local.files : trimsuffix(file, ".yaml") => yamldecode(file("${path.module}/zones/${file}")) }

  records = merge([
    for zone, content in local.zones : {
      for record in content.records :
      "${zone}/${record.name}/${record.type}" => merge({ ttl = 3600 }, record, { zone = zone })
    }
  ]...)
}

resource "aws_route53_zone" "this" {
  for_each = local.zones
  name     = each.key
  comment  = try(each.value.comment, null)
}

resource "aws_route53_record" "this" {
  for_each = local.records

  zone_id = aws_route53_zone.this[each.value.zone].zone_id
  name    = each.value.name == "@" ? each.value.zone : "${each.value.name}.${each.value.zone}"
  type    = each.value.type
  ttl     = each.value.ttl
  records = try(each.value.values, [each.value.value])
}
