# Prod's place in another region, a pilot light until a person says so.
# What it is: barque.auto.tfvars.json, from the design. What the stack makes of it: ../../stack.

variable "design" {
  description = "Written by `barque deploy render`."
  type        = any
}

variable "account" {
  description = "What only the owner of the account knows; see terraform.tfvars.example."
  type        = any
}

provider "aws" {
  region              = var.design.region
  allowed_account_ids = [var.account.id]

  default_tags {
    tags = {
      Product     = "barque"
      Environment = "dr"
      ManagedBy   = "terraform"
    }
  }
}

module "barque" {
  source = "../../stack"

  design  = var.design
  account = var.account
}

output "barque" {
  description = "What others have to be told about this environment."
  value       = module.barque
}

output "kubernetes_outputs" {
  description = "The file deploy/kubernetes/overlays/dr/outputs.yaml."
  value       = module.barque.kubernetes_outputs
}
