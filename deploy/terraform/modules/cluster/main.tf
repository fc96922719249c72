# Kubernetes: its API is private, its log is kept, its secrets are encrypted, and who may enter is
# written here and nowhere else.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}

locals {
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
}

resource "aws_cloudwatch_log_group" "cluster" {
  # The name is EKS's own: made here first, so that it is encrypted and does not grow for ever.
  name              = "/aws/eks/${var.name}/cluster"
  retention_in_days = var.log_days
  kms_key_id        = var.kms_key_arns.logs
}

resource "aws_iam_role" "cluster" {
  name = "${var.name}-cluster"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "eks.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "cluster" {
  for_each = toset(["AmazonEKSClusterPolicy", "AmazonEKSVPCResourceController"])

  role       = aws_iam_role.cluster.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.key}"
}

resource "aws_eks_cluster" "this" {
  name                          = var.name
  version                       = var.kubernetes_version
  role_arn                      = aws_iam_role.cluster.arn
  enabled_cluster_log_types     = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
  bootstrap_self_managed_addons = false
  deletion_protection           = var.protected

  vpc_config {
    subnet_ids              = var.private_subnet_ids
    security_group_ids      = [aws_security_group.control_plane.id]
    endpoint_private_access = true
    endpoint_public_access  = false
  }

  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = var.kms_key_arns.cluster
    }
  }

  upgrade_policy {
    support_type = "STANDARD"
  }

  zonal_shift_config {
    enabled = true
  }

  depends_on = [aws_iam_role_policy_attachment.cluster, aws_cloudwatch_log_group.cluster]
}

resource "aws_eks_access_entry" "administrator" {
  for_each = var.administrators

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = each.key
  type          = "STANDARD"
}

resource "aws_eks_access_policy_association" "administrator" {
  for_each = var.administrators

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_eks_access_entry.administrator[each.key].principal_arn
  policy_arn    = "arn:${local.partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"

  access_scope {
    type = "cluster"
  }
}

# Machines of Karpenter join by themselves; those of the managed group are let in by EKS.
resource "aws_eks_access_entry" "nodes" {
  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_iam_role.nodes.arn
  type          = "EC2_LINUX"
}

# A machine is ready only when it can be spoken to: its network is there before it is.
resource "aws_eks_addon" "before_nodes" {
  for_each = toset(["eks-pod-identity-agent", "kube-proxy", "vpc-cni"])

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  configuration_values        = local.addons[each.key].settings == null ? null : jsonencode(local.addons[each.key].settings)
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "PRESERVE"

  dynamic "pod_identity_association" {
    for_each = local.addons[each.key].role == null ? [] : [local.addons[each.key].role]

    content {
      service_account = pod_identity_association.value
      role_arn        = aws_iam_role.controller[each.key].arn
    }
  }
}

resource "aws_eks_addon" "after_nodes" {
  for_each = { for name, one in local.addons : name => one if !contains(keys(aws_eks_addon.before_nodes), name) }

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  configuration_values        = each.value.settings == null ? null : jsonencode(each.value.settings)
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "PRESERVE"

  dynamic "pod_identity_association" {
    for_each = each.value.role == null ? [] : [each.value.role]

    content {
      service_account = pod_identity_association.value
      role_arn        = aws_iam_role.controller[each.key].arn
    }
  }

  # These run as ordinary pods, and pods need machines.
  depends_on = [aws_eks_node_group.system]
}

locals {
  addons = {
    "vpc-cni" = {
      role = "aws-node"
      settings = {
        enableNetworkPolicy = "true"
        env = {
          # Pods with a security group of their own: the groups of the module network.
          ENABLE_POD_ENI                    = "true"
          POD_SECURITY_GROUP_ENFORCING_MODE = "standard"
        }
      }
    }
    "kube-proxy"             = { role = null, settings = null }
    "coredns"                = { role = null, settings = { replicaCount = 3 } }
    "eks-pod-identity-agent" = { role = null, settings = null }
    "aws-ebs-csi-driver"     = { role = "ebs-csi-controller-sa", settings = null }
    "metrics-server"         = { role = null, settings = null }
  }
}

# Which pod takes which role: the service account of the same name, in the namespace of Barque.
resource "aws_eks_pod_identity_association" "role" {
  for_each = var.role_arns

  cluster_name    = aws_eks_cluster.this.name
  namespace       = var.namespace
  service_account = each.key
  role_arn        = each.value
}
