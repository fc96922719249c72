# Who may speak to whom below the design's own edges: machines with the API of Kubernetes, everybody
# with its names, the kubelet with what it asks whether it is well. Groups name groups.

resource "aws_security_group" "control_plane" {
  name        = "${var.name}-control-plane"
  description = "Barque: the API of Kubernetes"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-control-plane" }
}

resource "aws_security_group" "nodes" {
  name        = "${var.name}-nodes"
  description = "Barque: machines of the cluster"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-nodes", "karpenter.sh/discovery" = var.name }
}

locals {
  control_plane = aws_security_group.control_plane.id
  nodes         = aws_security_group.nodes.id

  inside = merge(
    {
      "nodes-to-control-plane-443"   = { from = local.nodes, to = local.control_plane, port = 443, protocol = "tcp" }
      "control-plane-to-nodes-443"   = { from = local.control_plane, to = local.nodes, port = 443, protocol = "tcp" }
      "control-plane-to-nodes-8443"  = { from = local.control_plane, to = local.nodes, port = 8443, protocol = "tcp" }
      "control-plane-to-nodes-9443"  = { from = local.control_plane, to = local.nodes, port = 9443, protocol = "tcp" }
      "control-plane-to-nodes-10250" = { from = local.control_plane, to = local.nodes, port = 10250, protocol = "tcp" }
      "control-plane-to-nodes-10251" = { from = local.control_plane, to = local.nodes, port = 10251, protocol = "tcp" }
      "nodes-to-nodes-53-tcp"        = { from = local.nodes, to = local.nodes, port = 53, protocol = "tcp" }
      "nodes-to-nodes-53-udp"        = { from = local.nodes, to = local.nodes, port = 53, protocol = "udp" }
      "nodes-to-nodes-10250"         = { from = local.nodes, to = local.nodes, port = 10250, protocol = "tcp" }
      "nodes-to-endpoints-443"       = { from = local.nodes, to = var.endpoints_group_id, port = 443, protocol = "tcp" }
    },
    merge([for part, group in var.pod_group_ids : {
      "${part}-to-names-53-tcp" = { from = group, to = local.nodes, port = 53, protocol = "tcp" }
      "${part}-to-names-53-udp" = { from = group, to = local.nodes, port = 53, protocol = "udp" }
    }]...),
    { for part, port in var.probed_ports : "kubelet-to-${part}-${port}" => {
      from = local.nodes, to = var.pod_group_ids[part], port = port, protocol = "tcp"
    } },
  )
}

resource "aws_vpc_security_group_ingress_rule" "inside" {
  for_each = local.inside

  description                  = each.key
  security_group_id            = each.value.to
  referenced_security_group_id = each.value.from
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.port
  to_port                      = each.value.port

  tags = { Name = each.key }
}

resource "aws_vpc_security_group_egress_rule" "inside" {
  for_each = local.inside

  description                  = each.key
  security_group_id            = each.value.from
  referenced_security_group_id = each.value.to
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.port
  to_port                      = each.value.port

  tags = { Name = each.key }
}

# Layers of images lie in S3, which is reached through a gateway and has no group.
resource "aws_vpc_security_group_egress_rule" "storage" {
  description       = "layers of images, through the gateway of S3"
  security_group_id = local.nodes
  prefix_list_id    = var.storage_prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "nodes-to-storage-443" }
}
