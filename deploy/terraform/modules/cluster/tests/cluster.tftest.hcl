# The cluster: private, logged, encrypted, entered only by who is named.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_eks_cluster" {
    defaults = {
      arn = "arn:aws:eks:eu-central-1:111122223333:cluster/barque-prod"
    }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/mock" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-central-1:111122223333:barque-prod-interruptions", url = "https://sqs.eu-central-1.amazonaws.com/111122223333/q" }
  }
}

variables {
  name                   = "barque-prod"
  region                 = "eu-central-1"
  kubernetes_version     = "1.34"
  vpc_id                 = "vpc-1"
  private_subnet_ids     = ["subnet-a", "subnet-b", "subnet-c"]
  pod_group_ids          = { api = "sg-api", trader = "sg-trader", pgbouncer = "sg-pgbouncer" }
  probed_ports           = { api = 8000, trader = 8001 }
  endpoints_group_id     = "sg-endpoints"
  storage_prefix_list_id = "pl-storage"
  target_group_arns      = { stable = "arn:stable", canary = "arn:canary" }
  role_arns              = { api = "arn:aws:iam::111122223333:role/api", trader = "arn:aws:iam::111122223333:role/trader" }
  secret_arns            = ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:rds!db-1"]
  secrets_prefix         = "barque/prod/"
  administrators         = ["arn:aws:iam::111122223333:role/operators"]
  system                 = { instance_type = "m7i.large", least = 3, most = 6 }
  kms_key_arns = {
    cluster = "arn:aws:kms:eu-central-1:111122223333:key/cluster"
    logs    = "arn:aws:kms:eu-central-1:111122223333:key/logs"
    volumes = "arn:aws:kms:eu-central-1:111122223333:key/volumes"
    trading = "arn:aws:kms:eu-central-1:111122223333:key/trading"
  }
  log_days  = 90
  protected = true
}

run "the_cluster_of_prod" {
  command = apply

  # The cluster is private logged and encrypted.
  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_private_access && !aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "The API of Kubernetes must be reached from inside the network only."
  }

  assert {
    condition     = aws_eks_cluster.this.enabled_cluster_log_types == toset(["api", "audit", "authenticator", "controllerManager", "scheduler"]) && aws_cloudwatch_log_group.cluster.name == "/aws/eks/barque-prod/cluster" && aws_cloudwatch_log_group.cluster.retention_in_days == 90 && aws_cloudwatch_log_group.cluster.kms_key_id == var.kms_key_arns.logs
    error_message = "All logs, the audit above all, must be kept, encrypted and for the days that were asked for."
  }

  assert {
    condition     = aws_eks_cluster.this.encryption_config[0].resources == toset(["secrets"]) && aws_eks_cluster.this.encryption_config[0].provider[0].key_arn == var.kms_key_arns.cluster
    error_message = "Secrets of Kubernetes must be encrypted with our key."
  }

  assert {
    condition     = aws_eks_cluster.this.access_config[0].authentication_mode == "API" && !aws_eks_cluster.this.access_config[0].bootstrap_cluster_creator_admin_permissions && aws_eks_cluster.this.deletion_protection
    error_message = "Who made the cluster has no rights in it by that, and it is protected."
  }

  assert {
    condition     = { for arn, one in aws_eks_access_policy_association.administrator : arn => one.access_scope[0].type } == { "arn:aws:iam::111122223333:role/operators" = "cluster" }
    error_message = "Only the named administrators may enter."
  }

  # Machines hide their credentials from pods and encrypt their disks.
  assert {
    condition     = aws_launch_template.system.metadata_options[0].http_tokens == "required" && aws_launch_template.system.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "Machines must speak IMDSv2 only, one hop far."
  }

  assert {
    condition     = aws_launch_template.system.block_device_mappings[0].ebs[0].encrypted == "true" && aws_launch_template.system.block_device_mappings[0].ebs[0].volume_type == "gp3" && aws_launch_template.system.block_device_mappings[0].ebs[0].kms_key_id == var.kms_key_arns.volumes
    error_message = "Disks must be encrypted with our key."
  }

  assert {
    condition     = aws_eks_node_group.system.scaling_config[0].min_size == 3 && aws_eks_node_group.system.scaling_config[0].max_size == 6 && aws_eks_node_group.system.instance_types == tolist(["m7i.large"]) && aws_eks_node_group.system.capacity_type == "ON_DEMAND" && aws_eks_node_group.system.subnet_ids == toset(["subnet-a", "subnet-b", "subnet-c"]) && aws_eks_node_group.system.update_config[0].max_unavailable == 1
    error_message = "The system's machines must be as asked for, over three zones, replaced one by one."
  }

  assert {
    condition     = aws_launch_template.system.vpc_security_group_ids == toset([aws_security_group.nodes.id, aws_eks_cluster.this.vpc_config[0].cluster_security_group_id])
    error_message = "Machines must stand behind their own group and the cluster's."
  }

  assert {
    condition     = toset([for one in aws_iam_role_policy_attachment.nodes : one.policy_arn]) == toset([for name in ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonSSMManagedInstanceCore"] : "arn:aws:iam::aws:policy/${name}"])
    error_message = "Machines may join, fetch images and be reached by a session, and nothing more."
  }

  # Below the design only names and health are open.
  assert {
    condition = toset(keys(aws_vpc_security_group_ingress_rule.inside)) == toset([
      "nodes-to-control-plane-443", "control-plane-to-nodes-443", "control-plane-to-nodes-8443", "control-plane-to-nodes-9443",
      "control-plane-to-nodes-10250", "control-plane-to-nodes-10251", "nodes-to-nodes-53-tcp", "nodes-to-nodes-53-udp",
      "nodes-to-nodes-10250", "nodes-to-endpoints-443",
      "api-to-names-53-tcp", "api-to-names-53-udp", "trader-to-names-53-tcp", "trader-to-names-53-udp",
      "pgbouncer-to-names-53-tcp", "pgbouncer-to-names-53-udp", "kubelet-to-api-8000", "kubelet-to-trader-8001",
    ])
    error_message = "Beside the design's edges only Kubernetes itself, names and health may be open."
  }

  assert {
    condition = alltrue([for key, rule in aws_vpc_security_group_ingress_rule.inside :
      rule.cidr_ipv4 == null && rule.from_port == rule.to_port
      && aws_vpc_security_group_egress_rule.inside[key].security_group_id == rule.referenced_security_group_id
      && aws_vpc_security_group_egress_rule.inside[key].referenced_security_group_id == rule.security_group_id
    ])
    error_message = "Every rule must name groups and one port, and have its other end."
  }

  assert {
    condition     = alltrue([for key, rule in aws_vpc_security_group_ingress_rule.inside : endswith(trimsuffix(trimsuffix(key, "-tcp"), "-udp"), "-${rule.from_port}") && aws_vpc_security_group_egress_rule.inside[key].from_port == rule.from_port])
    error_message = "Every rule must open the port that it is named after."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.inside["kubelet-to-api-8000"].security_group_id == "sg-api" && aws_vpc_security_group_ingress_rule.inside["kubelet-to-api-8000"].from_port == 8000 && aws_vpc_security_group_ingress_rule.inside["api-to-names-53-udp"].referenced_security_group_id == "sg-api"
    error_message = "The kubelet asks on the role's own port; pods ask for names."
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.storage.prefix_list_id == "pl-storage" && aws_vpc_security_group_egress_rule.storage.cidr_ipv4 == null
    error_message = "Machines reach S3 by its list of addresses, not the world."
  }

  # Each pod takes its own role.
  assert {
    condition     = { for name, one in aws_eks_pod_identity_association.role : "${one.namespace}/${one.service_account}" => one.role_arn } == { "barque/api" = "arn:aws:iam::111122223333:role/api", "barque/trader" = "arn:aws:iam::111122223333:role/trader" }
    error_message = "The service account of each role must take the role of the same name."
  }

  assert {
    condition     = toset([for one in aws_eks_pod_identity_association.controller : "${one.namespace}/${one.service_account}"]) == toset(["karpenter/karpenter", "kube-system/aws-load-balancer-controller", "external-secrets/external-secrets"])
    error_message = "Each controller must have its own role."
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.controller : jsondecode(role.assume_role_policy).Statement[0].Condition.ArnEquals["aws:SourceArn"] == aws_eks_cluster.this.arn && jsondecode(role.assume_role_policy).Statement[0].Principal.Service == "pods.eks.amazonaws.com"])
    error_message = "Only pods of this cluster may take a controller's role."
  }

  assert {
    condition     = toset(keys(aws_eks_addon.before_nodes)) == toset(["vpc-cni", "kube-proxy", "eks-pod-identity-agent"]) && toset(keys(aws_eks_addon.after_nodes)) == toset(["coredns", "aws-ebs-csi-driver", "metrics-server"]) && jsondecode(aws_eks_addon.before_nodes["vpc-cni"].configuration_values).enableNetworkPolicy == "true" && jsondecode(aws_eks_addon.before_nodes["vpc-cni"].configuration_values).env.ENABLE_POD_ENI == "true"
    error_message = "Network policies and security groups of pods must be in force."
  }

  # Controllers may do what they are for to what is ours.
  assert {
    condition = toset(flatten([for name, one in aws_iam_role_policy.controller : [for statement in jsondecode(one.policy).Statement : "${name}: ${statement.Sid}" if statement.Resource == "*"]])) == toset([
      "karpenter: Look", "load-balancer: Look",
    ])
    error_message = "Only looking is allowed everywhere."
  }

  assert {
    condition = alltrue([for statement in jsondecode(aws_iam_role_policy.controller["karpenter"].policy).Statement :
      can(statement.Condition.StringEquals["aws:ResourceTag/kubernetes.io/cluster/barque-prod"])
    if contains(statement.Action, "ec2:TerminateInstances")]) && anytrue([for statement in jsondecode(aws_iam_role_policy.controller["karpenter"].policy).Statement : contains(statement.Action, "ec2:TerminateInstances")])
    error_message = "Karpenter may end its own machines only."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.controller["karpenter"].policy).Statement : statement.Resource if contains(statement.Action, "iam:PassRole")]) == aws_iam_role.nodes.arn
    error_message = "Karpenter may hand on the machines' role only."
  }

  assert {
    condition     = toset(one([for statement in jsondecode(aws_iam_role_policy.controller["load-balancer"].policy).Statement : statement.Resource if statement.Sid == "Bind"])) == toset(["arn:stable", "arn:canary"])
    error_message = "The balancer's controller may change its two groups of targets only."
  }

  assert {
    condition     = toset(one([for statement in jsondecode(aws_iam_role_policy.controller["external-secrets"].policy).Statement : statement.Resource if statement.Sid == "ReadOurs"])) == toset(["arn:aws:secretsmanager:eu-central-1:111122223333:secret:barque/prod/*", "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rds!db-1"])
    error_message = "Only secrets of this environment may be read."
  }

  # Karpenter hears when a machine is about to go.
  assert {
    condition     = toset([for rule in aws_cloudwatch_event_rule.interruption : jsondecode(rule.event_pattern)["detail-type"][0]]) == toset(["EC2 Spot Instance Interruption Warning", "EC2 Instance Rebalance Recommendation", "EC2 Instance State-change Notification", "AWS Health Event"])
    error_message = "All four kinds of warning must be heard."
  }

  assert {
    condition     = alltrue([for target in aws_cloudwatch_event_target.interruption : target.arn == aws_sqs_queue.interruptions.arn]) && aws_sqs_queue.interruptions.sqs_managed_sse_enabled
    error_message = "Warnings must reach the queue, which is encrypted."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_sqs_queue_policy.interruptions.policy).Statement : statement.Action if statement.Effect == "Deny"]) == "sqs:*"
    error_message = "The queue must refuse what is not TLS."
  }
}

run "secrets_of_every_environment_are_refused" {
  command = plan

  variables {
    secrets_prefix = "barque/"
  }

  expect_failures = [var.secrets_prefix]
}

run "a_user_as_administrator_is_refused" {
  command = plan

  variables {
    administrators = ["arn:aws:iam::111122223333:user/somebody"]
  }

  expect_failures = [var.administrators]
}

run "one_machine_alone_is_refused" {
  command = plan

  variables {
    system = { instance_type = "m7i.large", least = 1, most = 1 }
  }

  expect_failures = [var.system]
}

run "an_old_kubernetes_is_refused" {
  command = plan

  variables {
    kubernetes_version = "1.27"
  }

  expect_failures = [var.kubernetes_version]
}
