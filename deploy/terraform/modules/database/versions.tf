terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.62"

      # aws is the region that works, aws.copy the one that keeps what is needed when it is lost.
      configuration_aliases = [aws.copy]
    }
  }
}
