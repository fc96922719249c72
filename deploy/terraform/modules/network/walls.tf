# A second wall around the database tier, should a security group ever be too wide: only the private
# tier reaches it, on the ports that the design names, and it answers only to that tier.

locals {
  database_parts = [for name, tier in var.parts : name if tier == "database"]
  database_ports = distinct([for edge in var.edges : edge.port if contains(local.database_parts, edge.target)])

  # A rule for each port from each private subnet, then everything among the tier itself: a primary
  # speaks to its replicas there, and answers from a port of its choice.
  wall_in = concat(
    [for pair in setproduct(local.database_ports, values(local.private)) : {
      from = pair[0], to = pair[0], cidr = pair[1]
    }],
    [for cidr in values(local.database) : { from = 1024, to = 65535, cidr = cidr }],
  )
  wall_out = concat(
    [for cidr in values(local.private) : { from = 1024, to = 65535, cidr = cidr }],
    [for cidr in values(local.database) : { from = 1024, to = 65535, cidr = cidr }],
  )
}

resource "aws_network_acl" "database" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = [for subnet in aws_subnet.database : subnet.id]

  tags = { Name = "${var.name}-database" }
}

resource "aws_network_acl_rule" "database_in" {
  for_each = { for index, rule in local.wall_in : format("%03d", 100 + index) => rule }

  network_acl_id = aws_network_acl.database.id
  egress         = false
  rule_number    = tonumber(each.key)
  rule_action    = "allow"
  protocol       = "tcp"
  cidr_block     = each.value.cidr
  from_port      = each.value.from
  to_port        = each.value.to
}

resource "aws_network_acl_rule" "database_out" {
  for_each = { for index, rule in local.wall_out : format("%03d", 100 + index) => rule }

  network_acl_id = aws_network_acl.database.id
  egress         = true
  rule_number    = tonumber(each.key)
  rule_action    = "allow"
  protocol       = "tcp"
  cidr_block     = each.value.cidr
  from_port      = each.value.from
  to_port        = each.value.to
}
