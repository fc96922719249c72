# The network as prod asks for it, and as dev does.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_ec2_managed_prefix_list" {
    defaults = { id = "pl-cloudfront" }
  }
}

variables {
  name   = "barque-prod"
  region = "eu-central-1"
  zones  = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  cidr   = "10.40.0.0/16"
  networks = {
    public   = ["10.40.96.0/21", "10.40.104.0/21", "10.40.112.0/21"]
    private  = ["10.40.0.0/19", "10.40.32.0/19", "10.40.64.0/19"]
    database = ["10.40.128.0/21", "10.40.136.0/21", "10.40.144.0/21"]
  }
  nat_per_zone        = true
  endpoints_per_zone  = true
  interface_endpoints = ["ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager", "sts", "sqs"]
  kms_key_arn         = "arn:aws:kms:eu-central-1:111122223333:key/logs"
  log_days            = 90
  parts = {
    visitor   = "outside"
    pager     = "outside"
    cdn       = "edge"
    balancer  = "public"
    api       = "private"
    pgbouncer = "private"
    messenger = "private"
    endpoints = "private"
    database  = "database"
  }
  edges = [
    { source = "visitor", target = "cdn", port = 443 },
    { source = "cdn", target = "balancer", port = 443 },
    { source = "balancer", target = "api", port = 8000 },
    { source = "api", target = "pgbouncer", port = 6432 },
    { source = "api", target = "endpoints", port = 443 },
    { source = "pgbouncer", target = "database", port = 5432 },
    { source = "messenger", target = "pager", port = 443 },
  ]
}

run "the_network_of_prod" {
  command = apply

  # Three zones and three tiers.
  assert {
    condition     = alltrue([for tier in [aws_subnet.public, aws_subnet.private, aws_subnet.database] : toset(keys(tier)) == toset(var.zones)])
    error_message = "Every tier must have a subnet in each of the three zones."
  }

  assert {
    condition = {
      public   = [for zone in var.zones : aws_subnet.public[zone].cidr_block]
      private  = [for zone in var.zones : aws_subnet.private[zone].cidr_block]
      database = [for zone in var.zones : aws_subnet.database[zone].cidr_block]
    } == { for tier, networks in var.networks : tier => [for network in networks : network] }
    error_message = "Every subnet must have the network that the design gives its zone and tier."
  }

  assert {
    condition     = alltrue([for tier in [aws_subnet.public, aws_subnet.private, aws_subnet.database] : alltrue([for zone, subnet in tier : subnet.availability_zone == zone])])
    error_message = "Every subnet must lie in its own zone."
  }

  assert {
    condition = !anytrue([for subnet in concat(values(aws_subnet.public), values(aws_subnet.private), values(aws_subnet.database)) :
    subnet.map_public_ip_on_launch])
    error_message = "No subnet may hand out public addresses."
  }

  assert {
    condition     = aws_vpc.this.enable_dns_hostnames && aws_vpc.this.enable_dns_support
    error_message = "Interfaces to AWS's services are found by name: the network must resolve names."
  }

  # Karpenter finds the private subnets and no others.
  assert {
    condition     = alltrue([for subnet in aws_subnet.private : subnet.tags["karpenter.sh/discovery"] == "barque-prod" && subnet.tags["barque.example/tier"] == "private"])
    error_message = "Karpenter must find the private subnets by their tags."
  }

  assert {
    condition     = !anytrue([for subnet in concat(values(aws_subnet.public), values(aws_subnet.database)) : contains(keys(subnet.tags), "karpenter.sh/discovery")])
    error_message = "Karpenter must find no other subnets."
  }

  # Only the public tier has a gateway and the database tier has no way out.
  assert {
    condition     = aws_route.public_out.destination_cidr_block == "0.0.0.0/0" && aws_route.public_out.gateway_id == aws_internet_gateway.this.id
    error_message = "The public tier goes out through the gateway."
  }

  assert {
    condition     = alltrue([for route in aws_route.private_out : route.gateway_id == null])
    error_message = "The private tier goes out through NAT, never through the gateway."
  }

  assert {
    condition = !contains(
      concat([aws_route.public_out.route_table_id], [for route in aws_route.private_out : route.route_table_id]),
      aws_route_table.database.id,
    ) && !contains(aws_vpc_endpoint.storage.route_table_ids, aws_route_table.database.id)
    error_message = "No route may be added to the database tier."
  }

  assert {
    condition     = toset([for one in aws_route_table_association.database : one.route_table_id]) == toset([aws_route_table.database.id])
    error_message = "Every subnet of the database tier must use the table without a way out."
  }

  assert {
    condition = alltrue([for zone in var.zones :
      aws_route_table_association.private[zone].route_table_id == aws_route_table.private[zone].id
      && aws_route_table_association.private[zone].subnet_id == aws_subnet.private[zone].id
      && aws_route_table_association.public[zone].route_table_id == aws_route_table.public.id
    ])
    error_message = "Every subnet must use its own tier's table."
  }

  assert {
    condition     = length(aws_default_route_table.emptied.route) == 0
    error_message = "The default table must be empty."
  }

  assert {
    condition     = aws_default_security_group.emptied.vpc_id == aws_vpc.this.id && aws_default_security_group.emptied.ingress == null && aws_default_security_group.emptied.egress == null
    error_message = "The default security group must be emptied."
  }

  # Every zone has its own way out.
  assert {
    condition     = toset(keys(aws_nat_gateway.this)) == toset(var.zones) && toset(keys(aws_eip.nat)) == toset(var.zones)
    error_message = "There must be a NAT gateway in each zone."
  }

  assert {
    condition = alltrue([for zone in var.zones :
      aws_route.private_out[zone].nat_gateway_id == aws_nat_gateway.this[zone].id
      && aws_nat_gateway.this[zone].subnet_id == aws_subnet.public[zone].id
    ])
    error_message = "Every zone must go out through its own NAT gateway, which stands in the public tier."
  }

  # Flows are logged and encrypted.
  assert {
    condition     = aws_flow_log.this.traffic_type == "ALL" && aws_flow_log.this.vpc_id == aws_vpc.this.id && aws_flow_log.this.log_destination == aws_cloudwatch_log_group.flows.arn
    error_message = "All flows of the network must be logged."
  }

  assert {
    condition     = aws_cloudwatch_log_group.flows.kms_key_id == var.kms_key_arn && aws_cloudwatch_log_group.flows.retention_in_days == 90
    error_message = "Flow logs must be encrypted with the given key and kept as long as asked."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.flows.policy, "\"Resource\":\"*\"")
    error_message = "The writer of flow logs may write to its own log group only."
  }
}

run "one_way_out_serves_all_zones_where_that_is_asked_for" {
  command = apply

  variables {
    nat_per_zone = false
  }

  assert {
    condition     = toset(keys(aws_nat_gateway.this)) == toset(["eu-central-1a"])
    error_message = "There must be one NAT gateway, in the first zone."
  }

  assert {
    condition     = alltrue([for route in aws_route.private_out : route.nat_gateway_id == aws_nat_gateway.this["eu-central-1a"].id])
    error_message = "Every zone must go out through the one NAT gateway."
  }
}

run "a_network_without_a_way_out_of_its_zone_is_refused" {
  command = plan

  variables {
    zones = ["eu-central-1a", "eu-central-1a", "eu-central-1b"]
  }

  expect_failures = [var.zones]
}

run "a_tier_without_a_network_in_every_zone_is_refused" {
  command = plan

  variables {
    networks = { public = ["10.40.96.0/21"], private = ["10.40.0.0/19"], database = ["10.40.128.0/21"] }
  }

  expect_failures = [var.networks]
}

run "a_network_that_is_used_twice_is_refused" {
  command = plan

  variables {
    networks = {
      public   = ["10.40.96.0/21", "10.40.104.0/21", "10.40.112.0/21"]
      private  = ["10.40.96.0/21", "10.40.32.0/19", "10.40.64.0/19"]
      database = ["10.40.128.0/21", "10.40.136.0/21", "10.40.144.0/21"]
    }
  }

  expect_failures = [var.networks]
}

run "a_public_network_is_refused" {
  command = plan

  variables {
    cidr = "8.8.0.0/16"
  }

  expect_failures = [var.cidr]
}

run "a_network_that_is_too_small_is_refused" {
  command = plan

  variables {
    cidr = "10.0.0.0/24"
  }

  expect_failures = [var.cidr]
}

run "days_that_cloudwatch_does_not_know_are_refused" {
  command = plan

  variables {
    log_days = 42
  }

  expect_failures = [var.log_days]
}
