# prod, whole: everything is planned at once, against what AWS would say.

mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "the_environment_is_what_the_design_says" {
  command = plan

  assert {
    condition     = length(module.barque.nat_addresses) == 3
    error_message = "There must be three ways out."
  }

  assert {
    condition     = length(module.barque.database.replicas) == 2
    error_message = "There must be two read replicas."
  }

  assert {
    condition     = module.barque.for_kubernetes.cluster == "barque-prod" && length(module.barque.machines) == 0
    error_message = "There must be a cluster, and no machines without one."
  }

  assert {
    condition     = toset(keys(module.barque.for_kubernetes.pod_security_groups)) == toset([for part, tier in var.design.parts : part if tier == "private" && part != "endpoints"])
    error_message = "Every part that runs as a pod must have its group."
  }

  assert {
    condition     = toset(keys(yamldecode(output.kubernetes_outputs).data)) == toset(concat(["target_group_stable", "target_group_canary"], [for part, tier in var.design.parts : "security_group_${part}" if tier == "private" && part != "endpoints"]))
    error_message = "Kubernetes must be told the ids that its overlay asks for."
  }

  assert {
    condition     = toset(keys(module.barque.for_kubernetes.target_group_arns)) == toset(["stable", "canary"])
    error_message = "Pods are put behind the balancer in two groups."
  }

  assert {
    condition     = try(module.barque.copies.region, "") == "eu-west-1"
    error_message = "Copies must lie in eu-west-1."
  }
}
