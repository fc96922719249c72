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
}

variable "kubernetes_version" {
  description = "The version of Kubernetes."
  type        = string

  validation {
    condition     = can(regex("^1\\.(3[3-9]|[4-9][0-9])$", var.kubernetes_version))
    error_message = "The version is ${var.kubernetes_version}; 1.33 or later is needed (in-place resizing, mutual checks of the manifests)."
  }
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "private_subnet_ids" {
  description = "The private subnets, one in each zone."
  type        = list(string)

  validation {
    condition     = length(var.private_subnet_ids) == 3
    error_message = "There are ${length(var.private_subnet_ids)} private subnets; the cluster stands in three zones."
  }
}

variable "pod_group_ids" {
  description = "The security groups of the parts that run as pods, by the part's name."
  type        = map(string)
}

variable "probed_ports" {
  description = "Where the kubelet asks a part whether it is well."
  type        = map(number)

  validation {
    condition     = length(setsubtract(keys(var.probed_ports), keys(var.pod_group_ids))) == 0
    error_message = "Asked would be ${join(", ", setsubtract(keys(var.probed_ports), keys(var.pod_group_ids)))}, which have no security group."
  }
}

variable "endpoints_group_id" {
  description = "The security group of the interfaces to AWS's services."
  type        = string
}

variable "storage_prefix_list_id" {
  description = "The addresses of S3, as its gateway lists them."
  type        = string
}

variable "target_group_arns" {
  description = "The balancer's groups of targets that pods are put into."
  type        = map(string)
}

variable "role_arns" {
  description = "The role of each role of the product."
  type        = map(string)
}

variable "namespace" {
  description = "The namespace that the roles run in."
  type        = string
  default     = "barque"
}

variable "secret_arns" {
  description = "Secrets with names of AWS's own that pods need: the database's."
  type        = list(string)
}

variable "secrets_prefix" {
  description = "How the names of secrets begin that pods may be given, as barque/prod/."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*/[a-z0-9-]+/$", var.secrets_prefix))
    error_message = "Secrets would begin with ${var.secrets_prefix}; write it as barque/prod/, with the environment and the last slash, or others' secrets could be read."
  }
}

variable "administrators" {
  description = "Roles of people (ARNs) that may do everything in the cluster; nobody else may, not even its maker."
  type        = set(string)

  validation {
    condition     = alltrue([for arn in var.administrators : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", arn))])
    error_message = "The administrators are ${join(", ", var.administrators)}; each must be the ARN of a role. Users and the root account have no place here."
  }
}

variable "system" {
  description = "The machines that are always there."
  type        = object({ instance_type = string, least = number, most = number })

  validation {
    condition     = var.system.least >= 2 && var.system.most >= var.system.least
    error_message = "There would be ${var.system.least} to ${var.system.most} machines; at least 2 are needed, so that one can be replaced."
  }
}

variable "kms_key_arns" {
  description = "Keys: cluster (Kubernetes's secrets), logs, volumes, trading (secrets)."
  type        = object({ cluster = string, logs = string, volumes = string, trading = string })
}

variable "log_days" {
  description = "How long the cluster's log is kept, in days."
  type        = number
}

variable "protected" {
  description = "Whether the cluster is protected from being deleted."
  type        = bool
}
