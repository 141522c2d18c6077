module "example_com" {
  source = "./modules/mail"

  domain     = "example.com"
  senders    = ["google", "mailchimp"]
  dmarc      = { policy = "reject", rua = "reports@example.com" }
  extra_txt  = ["MS=ms12345678"]
}

module "parked" {
  source   = "./modules/mail"
  for_each = toset(["example.net", "example.org"])
  domain   = each.key
}

output "zones" {
  value = { for name, zone in module.parked : name => zone.zone_id }
}
