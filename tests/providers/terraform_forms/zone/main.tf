variable "name" {}
variable "ttl" { default = 300 }
resource "terraform_data" "zone" { input = var.name }
output "name" { value = terraform_data.zone.input }
output "ttl" { value = var.ttl }
output "zone" { value = terraform_data.zone }
