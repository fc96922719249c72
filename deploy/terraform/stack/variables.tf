variable "design" {
  description = "What the environment is: written by `barque deploy render` from the design, never by hand."
  type = object({
    generated          = string
    name               = string
    platform           = string
    region             = string
    zones              = list(string)
    cidr               = string
    networks           = object({ public = list(string), private = list(string), database = list(string) })
    domain             = string
    nat_per_zone       = bool
    kubernetes_version = string
    machines           = map(object({ instance_type = string, least = number, most = number }))
    database = object({
      instance_class      = string
      storage_gib         = number
      largest_storage_gib = number
      multi_az            = bool
      replicas            = number
      backup_days         = number
    })
    cache                = object({ node_type = string, replicas = number })
    protected            = bool
    log_days             = number
    audit_days           = number
    copied_to            = string
    stands_in_for_domain = string
    parts                = map(string)
    edges                = list(object({ source = string, target = string, port = number }))
    data                 = map(string)
    sealed               = list(string)
    roles = map(object({
      pool          = string
      port          = number
      memory        = number
      grace         = number
      owns_accounts = bool
      grants        = list(object({ data = string, verb = string }))
    }))
    scaling   = list(object({ role = string, metric = string, target = number, min = number, max = number }))
    schedules = list(object({ role = string, name = string, zone = string, start = string, end = string, min = number }))
  })

  validation {
    condition     = contains(["kubernetes", "instances"], var.design.platform)
    error_message = "The platform is ${var.design.platform}; it is kubernetes or instances."
  }

  validation {
    condition     = !var.design.protected || (var.design.nat_per_zone && var.design.database.multi_az && var.design.database.replicas >= 2 && var.design.database.backup_days == 35 && var.design.cache.replicas >= 1)
    error_message = "${var.design.name} is protected: it needs a way out in every zone, a standby, two replicas, 35 days of recovery and a second cache node."
  }

  validation {
    condition     = var.design.platform != "kubernetes" || contains(keys(var.design.machines), "system")
    error_message = "${var.design.name} is a cluster and names no machines for its system; it names ${join(", ", keys(var.design.machines))}."
  }
}

variable "account" {
  description = "What only the owner of the account knows; see terraform.tfvars.example of each environment."
  type = object({
    id             = string
    administrators = optional(set(string), [])
    image_digest   = optional(string)
    told           = optional(map(object({ protocol = string, endpoint = string })), {})
    release        = optional(object({ repository = string, environment = string }))
    report_keys    = optional(map(string), {})
    canary_weight  = optional(number, 0)
    # The balancer of the other region, once it stands, and whether a person has decided that it serves.
    secondary        = optional(object({ dns_name = string, zone_id = string }))
    secondary_serves = optional(bool, false)
  })

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account.id))
    error_message = "The account is ${var.account.id}; it has twelve digits."
  }

  validation {
    condition     = !var.account.secondary_serves || var.account.secondary != null
    error_message = "The other region is to serve, and its balancer is not named: set account.secondary first."
  }
}
