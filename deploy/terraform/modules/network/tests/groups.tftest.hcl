# Security groups are exactly the edges of the design.

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

run "the_groups_of_prod" {
  command = apply

  # Every part inside has a group of its own.
  assert {
    condition     = toset(keys(aws_security_group.part)) == toset(["api", "balancer", "database", "endpoints", "messenger", "pgbouncer"])
    error_message = "There must be one security group for each part inside, and none for what is outside."
  }

  assert {
    condition     = toset(keys(output.security_group_ids)) == toset(keys(aws_security_group.part))
    error_message = "The groups must be given to the others by the part's name."
  }

  # Rules are the edges and nothing else.
  assert {
    condition = toset([for rule in aws_vpc_security_group_ingress_rule.edge :
      "${rule.referenced_security_group_id}>${rule.security_group_id}:${rule.from_port}-${rule.to_port}/${rule.ip_protocol}"
      ]) == toset([for edge in [["balancer", "api", 8000], ["api", "pgbouncer", 6432], ["api", "endpoints", 443], ["pgbouncer", "database", 5432]] :
      "${aws_security_group.part[edge[0]].id}>${aws_security_group.part[edge[1]].id}:${edge[2]}-${edge[2]}/tcp"
    ])
    error_message = "Incoming rules must be exactly the edges between parts inside, each on its one port."
  }

  assert {
    condition = toset([for rule in aws_vpc_security_group_egress_rule.edge :
      "${rule.security_group_id}>${rule.referenced_security_group_id}:${rule.from_port}-${rule.to_port}/${rule.ip_protocol}"
      ]) == toset([for rule in aws_vpc_security_group_ingress_rule.edge :
      "${rule.referenced_security_group_id}>${rule.security_group_id}:${rule.from_port}-${rule.to_port}/${rule.ip_protocol}"
    ])
    error_message = "For every incoming rule there must be the outgoing one, and no other."
  }

  assert {
    condition     = alltrue([for rule in concat(values(aws_vpc_security_group_ingress_rule.edge), values(aws_vpc_security_group_egress_rule.edge)) : rule.cidr_ipv4 == null && rule.cidr_ipv6 == null && rule.prefix_list_id == null])
    error_message = "Rules between parts must name groups, not addresses."
  }

  # The balancer is reached from cloudfront only.
  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.from_cloudfront) == ["cdn-to-balancer-443"]
    error_message = "Only the edge from the CDN to the balancer may come in from CloudFront."
  }

  assert {
    condition = alltrue([for rule in aws_vpc_security_group_ingress_rule.from_cloudfront :
      rule.prefix_list_id == "pl-cloudfront" && rule.cidr_ipv4 == null && rule.security_group_id == aws_security_group.part["balancer"].id && rule.from_port == 443 && rule.to_port == 443
    ])
    error_message = "The balancer must be reached from CloudFront's published addresses and nothing else."
  }

  # Only parts with an edge outside have a way out.
  assert {
    condition     = keys(aws_vpc_security_group_egress_rule.way_out) == ["messenger-to-pager-443"]
    error_message = "Only the messenger may open connections to the outside."
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_egress_rule.way_out : rule.from_port == 443 && rule.to_port == 443 && rule.ip_protocol == "tcp" && rule.security_group_id == aws_security_group.part["messenger"].id])
    error_message = "The way out must be open on the edge's port only."
  }

  assert {
    condition     = keys(aws_vpc_security_group_egress_rule.to_storage) == ["api-to-endpoints-443"] && alltrue([for rule in aws_vpc_security_group_egress_rule.to_storage : rule.prefix_list_id == aws_vpc_endpoint.storage.prefix_list_id && rule.security_group_id == aws_security_group.part["api"].id])
    error_message = "Who speaks to AWS's services reaches S3 through its gateway, and nobody else does."
  }

  # The wall around the database tier lets in the private tier on known ports.
  assert {
    condition = toset([for rule in aws_network_acl_rule.database_in : "${rule.rule_action} ${rule.cidr_block} ${rule.from_port}-${rule.to_port}"]) == toset(concat(
      [for subnet in aws_subnet.private : "allow ${subnet.cidr_block} 5432-5432"],
      [for subnet in aws_subnet.database : "allow ${subnet.cidr_block} 1024-65535"],
    ))
    error_message = "The wall must let in the private tier on 5432, the tier itself, and nothing else."
  }

  assert {
    condition = toset([for rule in aws_network_acl_rule.database_out : "${rule.rule_action} ${rule.cidr_block} ${rule.from_port}-${rule.to_port}"]) == toset(concat(
      [for subnet in aws_subnet.private : "allow ${subnet.cidr_block} 1024-65535"],
      [for subnet in aws_subnet.database : "allow ${subnet.cidr_block} 1024-65535"],
    ))
    error_message = "The wall must let out answers to the private tier, the tier itself, and nothing else."
  }

  assert {
    condition     = toset(aws_network_acl.database.subnet_ids) == toset([for subnet in aws_subnet.database : subnet.id])
    error_message = "The wall must stand around every subnet of the database tier."
  }

  # Services of aws are reached without the internet.
  assert {
    condition     = toset([for endpoint in aws_vpc_endpoint.service : endpoint.service_name]) == toset([for name in ["ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager", "sts", "sqs"] : "com.amazonaws.eu-central-1.${name}"])
    error_message = "Every service that was asked for must have its interface, and no other."
  }

  assert {
    condition     = alltrue([for endpoint in aws_vpc_endpoint.service : endpoint.private_dns_enabled && endpoint.vpc_endpoint_type == "Interface" && toset(endpoint.subnet_ids) == toset([for subnet in aws_subnet.private : subnet.id]) && toset(endpoint.security_group_ids) == toset([aws_security_group.part["endpoints"].id])])
    error_message = "Interfaces must stand in every private subnet, behind their own group, under their usual names."
  }

  assert {
    condition     = toset(aws_vpc_endpoint.storage.route_table_ids) == toset([for table in aws_route_table.private : table.id]) && aws_vpc_endpoint.storage.vpc_endpoint_type == "Gateway"
    error_message = "S3 must be reached through its gateway from every private subnet."
  }

  assert {
    condition = alltrue([for endpoint in concat(values(aws_vpc_endpoint.service), [aws_vpc_endpoint.storage]) : alltrue([
      for statement in jsondecode(endpoint.policy).Statement : strcontains(jsonencode(statement), "111122223333") || (statement.Action == "s3:GetObject" && !contains(flatten([statement.Resource]), "*"))
    ])])
    error_message = "Interfaces must serve our own account only, and AWS's buckets for reading only."
  }
}

run "one_zone_carries_the_interfaces_where_that_is_enough" {
  command = apply

  variables {
    endpoints_per_zone = false
  }

  assert {
    condition     = alltrue([for endpoint in aws_vpc_endpoint.service : toset(endpoint.subnet_ids) == toset([aws_subnet.private["eu-central-1a"].id])])
    error_message = "Interfaces must stand in the first zone only."
  }
}

run "an_edge_to_nowhere_is_refused" {
  command = plan

  variables {
    edges = [{ source = "api", target = "nowhere", port = 1 }]
  }

  expect_failures = [var.edges]
}

run "a_tier_that_does_not_exist_is_refused" {
  command = plan

  variables {
    parts = { endpoints = "cellar" }
    edges = []
  }

  expect_failures = [var.parts]
}

run "a_network_without_the_needed_interfaces_is_refused" {
  command = plan

  variables {
    interface_endpoints = ["ecr.api"]
  }

  expect_failures = [var.interface_endpoints]
}
