output "name" {
  description = "The cluster."
  value       = aws_eks_cluster.this.name
}

output "node_group_id" {
  description = "The security group of machines; Karpenter's take it too."
  value       = aws_security_group.nodes.id
}

output "for_kubernetes" {
  description = "What deploy/kubernetes has to be told about this cluster."
  value = {
    cluster               = aws_eks_cluster.this.name
    node_role             = aws_iam_role.nodes.name
    interruption_queue    = aws_sqs_queue.interruptions.name
    discovery_tag         = { "karpenter.sh/discovery" = var.name }
    volume_key            = var.kms_key_arns.volumes
    target_group_arns     = var.target_group_arns
    pod_security_groups   = var.pod_group_ids
    secrets_name_prefix   = var.secrets_prefix
    namespace_of_products = var.namespace
  }
}
