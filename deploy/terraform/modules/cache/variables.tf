variable "name" {
  description = "Name of the environment; every resource begins with it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "The name was \"${var.name}\". Allowed are 3 to 24 small letters, digits and hyphens, beginning with a letter."
  }
}

variable "subnet_ids" {
  description = "Subnets of the database tier."
  type        = set(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "There are ${length(var.subnet_ids)} subnets. Two or more are needed, so that a replica may stand in another zone."
  }
}

variable "security_group_ids" {
  description = "Security groups of the nodes."
  type        = set(string)

  validation {
    condition     = length(var.security_group_ids) > 0
    error_message = "No security group was given: the nodes would get the network's default one. Give that of the part cache."
  }
}

variable "kms_key_arn" {
  description = "Key of what is written to disk."
  type        = string
}

variable "log_kms_key_arn" {
  description = "Key of the logs."
  type        = string
}

variable "node_type" {
  description = "Size of each node."
  type        = string

  validation {
    condition     = startswith(var.node_type, "cache.")
    error_message = "The node type was \"${var.node_type}\". It begins with cache., for example cache.t4g.small."
  }
}

variable "replicas" {
  description = "How many nodes follow the primary; with one or more the next takes over by itself."
  type        = number

  validation {
    condition     = var.replicas >= 0 && var.replicas <= 5 && floor(var.replicas) == var.replicas
    error_message = "The replicas were ${var.replicas}. ElastiCache allows 0 to 5."
  }

  validation {
    condition     = var.replicas >= 1 || !var.protected
    error_message = "A protected cache has a replica: set replicas to 1 or more."
  }
}

variable "users" {
  description = "What each role may do, as Valkey's access strings; a role logs in by its IAM role."
  type        = map(string)
  default = {
    api    = "on ~* &* -@all +@read +@write +@pubsub +@connection -@dangerous"
    trader = "on ~* &* -@all +@read +@write +@pubsub +@connection -@dangerous"
    ingest = "on ~* &* -@all +@read +@write +@pubsub +@connection -@dangerous"
  }

  validation {
    condition     = alltrue([for access in values(var.users) : startswith(access, "on ") && !strcontains(access, "+@all") && !strcontains(access, ">") && !strcontains(access, "nopass")])
    error_message = "An access string begins with \"on \", allows no +@all and carries no password: a role logs in by IAM."
  }

  validation {
    condition     = length(var.users) > 0 && alltrue([for user in keys(var.users) : user != "default" && can(regex("^[a-z][a-z0-9-]{0,14}$", user))])
    error_message = "The users were ${join(", ", keys(var.users))}. Name one role or more in small letters, digits and hyphens; default is switched off."
  }
}

variable "protected" {
  description = "Whether other people's money depends on it: changes wait for the maintenance window."
  type        = bool
}

variable "log_days" {
  description = "For how many days logs are kept."
  type        = number

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2557, 3653], var.log_days)
    error_message = "The logs were to be kept ${var.log_days} days. CloudWatch allows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2557 and 3653."
  }
}
