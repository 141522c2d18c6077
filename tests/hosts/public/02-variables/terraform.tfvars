domain = "example.com"

dkim = {
  s1 = { value = "s1.domainkey.u1234.wl123.sendgrid.net", ttl = 300 }
  s2 = { value = "s2.domainkey.u1234.wl123.sendgrid.net" }
  k1 = {
    value = "v=DKIM1; t=s; p=MIGfMA0GCSqGSIb3"
    type  = "TXT"
  }
}
