variable "plain" { default = "v=spf1 -all" }
variable "nothing" {
  type    = string
  default = null
}
variable "given" { type = string }
variable "later" { type = string }
variable "kept" {
  type     = string
  default  = "kept"
  nullable = false
}
variable "number" {
  type    = number
  default = "300"
}
variable "flag" {
  type    = bool
  default = "true"
}
variable "words" {
  type    = set(string)
  default = ["b", "a", "b"]
}
variable "table" {
  type    = map(string)
  default = { b = 2, a = "x" }
}
variable "records" {
  type = list(object({
    name   = string
    ttl    = optional(number, 300)
    note   = optional(string)
    nested = optional(object({ a = optional(string, "deep") }), {})
  }))
  default = [{ name = "@", more = "dropped" }, { name = "mail", ttl = "60" }]
}
variable "any" {
  type    = any
  default = { a = ["x", "y"] }
}
variable "pair" {
  type    = tuple([string, number])
  default = [1, "2"]
}
locals {
  spf     = "v=spf1 ${local.all}"
  all     = "-all"
  list    = ["a", "b", "c"]
  table   = { "b" : 2, a = 1 }
  objects = [{ name = "one", ip = "192.0.2.1" }, { name = "two", ip = "192.0.2.2" }]
  deep    = { x = { y = ["z"] } }
  empty   = {}
}
resource "terraform_data" "one" { input = "example.com" }
resource "terraform_data" "counted" {
  count = 2
  input = "n${count.index}"
}
resource "terraform_data" "each" {
  for_each = toset(["b", "a"])
  input    = upper(each.value)
}
resource "terraform_data" "off" {
  count = var.flag ? 0 : 1
  input = "off"
}
module "one" {
  source = "./zone"
  name   = "example.com"
}
module "each" {
  source   = "./zone"
  for_each = { a = "a.example", b = "b.example" }
  name     = each.value
}
module "counted" {
  source = "./zone"
  count  = 2
  name   = "${count.index}.example"
}
