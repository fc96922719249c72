# What every machine needs beside the edges of what runs on it: AWS's own services, and S3.

resource "aws_security_group" "machines" {
  name        = "${var.name}-machines"
  description = "Barque: machines without a cluster"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-machines" }
}

resource "aws_vpc_security_group_egress_rule" "to_endpoints" {
  description                  = "to endpoints"
  security_group_id            = aws_security_group.machines.id
  referenced_security_group_id = var.endpoints_group_id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443

  tags = { Name = "machines-to-endpoints-443" }
}

resource "aws_vpc_security_group_ingress_rule" "to_endpoints" {
  description                  = "from machines"
  security_group_id            = var.endpoints_group_id
  referenced_security_group_id = aws_security_group.machines.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443

  tags = { Name = "machines-to-endpoints-443" }
}

resource "aws_vpc_security_group_egress_rule" "to_storage" {
  description       = "to S3, through its gateway"
  security_group_id = aws_security_group.machines.id
  prefix_list_id    = var.storage_prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "machines-to-storage-443" }
}
