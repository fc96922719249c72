# One security group for each part, and for each edge of the design one rule at either end. What is
# not an edge is refused. Groups name groups; addresses appear only where the other end has no group:
# CloudFront (its published list) and whatever is outside.

locals {
  grouped = toset([for name, tier in var.parts : name if contains(["public", "private", "database"], tier)])
  outside = toset([for name, tier in var.parts : name if tier == "outside"])
  at_edge = toset([for name, tier in var.parts : name if tier == "edge"])

  edges = { for edge in var.edges : "${edge.source}-to-${edge.target}-${edge.port}" => edge }

  between = {
    for key, edge in local.edges : key => edge
    if contains(local.grouped, edge.source) && contains(local.grouped, edge.target)
  }
  from_edge = { for key, edge in local.edges : key => edge if contains(local.at_edge, edge.source) }
  way_out   = { for key, edge in local.edges : key => edge if contains(local.outside, edge.target) }

  # S3 is reached through a gateway, which has no group of its own.
  to_storage = { for key, edge in local.between : key => edge if edge.target == var.endpoints_part }
}

data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

resource "aws_security_group" "part" {
  for_each = local.grouped

  name        = "${var.name}-${each.key}"
  description = "Barque: ${each.key}"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-${each.key}", Part = each.key }
}

resource "aws_vpc_security_group_egress_rule" "edge" {
  for_each = local.between

  security_group_id            = aws_security_group.part[each.value.source].id
  referenced_security_group_id = aws_security_group.part[each.value.target].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = "to ${each.value.target}"

  tags = { Name = each.key }
}

resource "aws_vpc_security_group_ingress_rule" "edge" {
  for_each = local.between

  security_group_id            = aws_security_group.part[each.value.target].id
  referenced_security_group_id = aws_security_group.part[each.value.source].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = "from ${each.value.source}"

  tags = { Name = each.key }
}

resource "aws_vpc_security_group_ingress_rule" "from_cloudfront" {
  for_each = local.from_edge

  security_group_id = aws_security_group.part[each.value.target].id
  prefix_list_id    = data.aws_ec2_managed_prefix_list.cloudfront.id
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  description       = "from ${each.value.source}"

  tags = { Name = each.key }
}

resource "aws_vpc_security_group_egress_rule" "way_out" {
  for_each = local.way_out

  security_group_id = aws_security_group.part[each.value.source].id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  description       = "to ${each.value.target}, through NAT"

  tags = { Name = each.key }
}

resource "aws_vpc_security_group_egress_rule" "to_storage" {
  for_each = local.to_storage

  security_group_id = aws_security_group.part[each.value.source].id
  prefix_list_id    = aws_vpc_endpoint.storage.prefix_list_id
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  description       = "to S3, through its gateway"

  tags = { Name = "${each.key}-storage" }
}
