variable "name" {
  description = "What everything is named after, as barque-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "The name is ${var.name}; it must be 3 to 24 small letters, digits and hyphens."
  }
}

variable "region" {
  description = "The region, as eu-central-1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "The region is ${var.region}; a region is written as eu-central-1."
  }
}

variable "zones" {
  description = "Three zones of the region."
  type        = list(string)

  validation {
    condition     = length(distinct(var.zones)) == 3 && length(var.zones) == 3
    error_message = "The zones are ${join(", ", var.zones)}; three different ones are needed, so that the loss of one leaves two."
  }
}

variable "cidr" {
  description = "The network, private and at least a /18."
  type        = string

  validation {
    condition     = can(cidrsubnet(var.cidr, 6, 0)) && can(regex("^(10|172|192)\\..*/(8|9|1[0-8])$", var.cidr))
    error_message = "The network is ${var.cidr}; it must be private (10., 172. or 192.) and at least a /18."
  }
}

variable "networks" {
  description = "The network of each zone in each tier, in the order of the zones."
  type        = object({ public = list(string), private = list(string), database = list(string) })

  validation {
    condition     = alltrue([for tier in values(var.networks) : length(tier) == length(var.zones)])
    error_message = "The tiers have ${join(", ", [for name, tier in var.networks : "${length(tier)} (${name})"])} networks; each needs one for every zone."
  }

  validation {
    condition     = length(distinct(flatten(values(var.networks)))) == length(flatten(values(var.networks)))
    error_message = "A network is used twice: ${join(", ", flatten(values(var.networks)))}."
  }
}

variable "nat_per_zone" {
  description = "Whether every zone has its own way out; with one for all, its zone takes it down."
  type        = bool
}

variable "endpoints_per_zone" {
  description = "Whether every zone has its own interfaces to AWS's services."
  type        = bool
}

variable "interface_endpoints" {
  description = "The services of AWS that have an interface in the network, as ecr.api."
  type        = set(string)

  validation {
    condition     = length(setsubtract(["ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager", "sts"], var.interface_endpoints)) == 0
    error_message = "The endpoints are ${join(", ", var.interface_endpoints)}; ecr.api, ecr.dkr, kms, logs, secretsmanager and sts are always needed, or images, keys and logs pass through NAT."
  }
}

variable "endpoints_part" {
  description = "The part of the design that stands for the interfaces to AWS's services."
  type        = string
  default     = "endpoints"
}

variable "parts" {
  description = "Every part that is built, and its tier."
  type        = map(string)

  validation {
    condition     = alltrue([for tier in values(var.parts) : contains(["outside", "edge", "public", "private", "database"], tier)])
    error_message = "The tiers are ${join(", ", distinct(values(var.parts)))}; allowed are outside, edge, public, private and database."
  }

  validation {
    condition     = contains(keys(var.parts), var.endpoints_part)
    error_message = "The parts are ${join(", ", keys(var.parts))}; ${var.endpoints_part} must be one of them, for the interfaces to AWS's services."
  }
}

variable "edges" {
  description = "Who may open a connection to whom, and on which port. All else is refused."
  type        = list(object({ source = string, target = string, port = number }))

  validation {
    condition     = alltrue([for edge in var.edges : contains(keys(var.parts), edge.source) && contains(keys(var.parts), edge.target)])
    error_message = "An edge names a part that does not exist: ${join(", ", [for edge in var.edges : "${edge.source} to ${edge.target}" if !(contains(keys(var.parts), edge.source) && contains(keys(var.parts), edge.target))])}."
  }

  validation {
    condition     = alltrue([for edge in var.edges : edge.port >= 1 && edge.port <= 65535 && floor(edge.port) == edge.port])
    error_message = "The ports are ${join(", ", [for edge in var.edges : edge.port])}; a port is a whole number from 1 to 65535."
  }
}

variable "kms_key_arn" {
  description = "The key that the flow logs are encrypted with."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.kms_key_arn))
    error_message = "The key is ${var.kms_key_arn}; the ARN of a KMS key is needed, as arn:aws:kms:..."
  }
}

variable "log_days" {
  description = "How long flow logs are kept, in days; one of the numbers that CloudWatch knows."
  type        = number

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 2557, 3653], var.log_days)
    error_message = "Logs would be kept ${var.log_days} days; CloudWatch knows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 2557 and 3653."
  }
}
