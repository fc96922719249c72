terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
      # CloudFront's certificate, firewall and logs live in us-east-1 only.
      configuration_aliases = [aws.global]
    }
  }
}
