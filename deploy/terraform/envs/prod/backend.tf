# The state is remote, encrypted and locked. Which bucket and key is the account's own:
# terraform init -backend-config=backend.hcl (see backend.hcl.example).

terraform {
  backend "s3" {
    key          = "prod/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}
