# Machines without Kubernetes.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_ebs_volume" {
    defaults = { id = "vol-0123456789" }
  }
}

variables {
  name               = "barque-small"
  region             = "eu-central-1"
  vpc_id             = "vpc-1"
  private_subnet_ids = { "eu-central-1a" = "subnet-a", "eu-central-1b" = "subnet-b", "eu-central-1c" = "subnet-c" }
  accounts_zone      = "eu-central-1a"
  machine_role_name  = "barque-small-machines"
  security_group_ids = {
    serving = ["sg-api"]
    trading = ["sg-trader"]
  }
  endpoints_group_id     = "sg-endpoints"
  storage_prefix_list_id = "pl-storage"
  target_group_arn       = "arn:stable"
  instance_profile_name  = "barque-small-machines"
  kms_key_arn            = "arn:aws:kms:eu-central-1:111122223333:key/volumes"
  image                  = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/barque@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  domain                 = "small.barque.example"
  log_group_prefix       = "/barque/barque-small"
  pools = {
    serving = { instance_type = "t3.medium", least = 2, most = 4, serves = true, owns_accounts = false, grace = 90, roles = [{ name = "api", port = 8000, memory = 768, grace = 90 }] }
    trading = { instance_type = "t3.large", least = 1, most = 1, serves = false, owns_accounts = true, grace = 60, roles = [{ name = "trader", port = 8001, memory = 1536, grace = 60 }] }
  }
}

run "machines_without_a_cluster" {
  command = apply

  # Machines are private and encrypted and hide their credentials.
  assert {
    condition = alltrue([for template in aws_launch_template.pool :
      template.metadata_options[0].http_tokens == "required" && template.metadata_options[0].http_put_response_hop_limit == 1
      && template.block_device_mappings[0].ebs[0].encrypted == "true" && template.block_device_mappings[0].ebs[0].volume_type == "gp3"
      && template.block_device_mappings[0].ebs[0].kms_key_id == var.kms_key_arn
      && template.network_interfaces[0].associate_public_ip_address == "false"
      && template.key_name == null
    ])
    error_message = "Machines must have IMDSv2 only, encrypted disks, no public address and no key for SSH."
  }

  assert {
    condition     = aws_launch_template.pool["serving"].network_interfaces[0].security_groups == toset([aws_security_group.machines.id, "sg-api"]) && aws_launch_template.pool["trading"].network_interfaces[0].security_groups == toset([aws_security_group.machines.id, "sg-trader"])
    error_message = "Machines must have the groups of what runs on them, and no others."
  }

  assert {
    condition     = alltrue([for rule in [aws_vpc_security_group_egress_rule.to_endpoints, aws_vpc_security_group_egress_rule.to_storage] : rule.cidr_ipv4 == null && rule.from_port == 443 && rule.security_group_id == aws_security_group.machines.id])
    error_message = "Beside their parts' edges, machines reach AWS's services only."
  }

  assert {
    condition     = aws_autoscaling_group.pool["serving"].vpc_zone_identifier == toset(["subnet-a", "subnet-b", "subnet-c"])
    error_message = "Machines must be spread over three zones."
  }

  # Machines begin by starting their roles without rights.
  assert {
    condition     = strcontains(base64decode(aws_launch_template.pool["serving"].user_data), "run api") && !strcontains(base64decode(aws_launch_template.pool["serving"].user_data), "run trader") && strcontains(base64decode(aws_launch_template.pool["trading"].user_data), "run trader")
    error_message = "Each pool must start its own roles."
  }

  assert {
    condition     = alltrue([for words in ["--read-only", "--cap-drop ALL", "no-new-privileges", "--user 10001:10001", "@sha256:", "BARQUE_HOSTS=small.barque.example", "BARQUE_PORT=8001"] : strcontains(base64decode(aws_launch_template.pool["trading"].user_data), words)])
    error_message = "Roles must run from the pinned image, as nobody, with nothing they do not need."
  }

  # Accounts outlive their machine.
  assert {
    condition     = keys(aws_ebs_volume.accounts) == ["trading"] && aws_ebs_volume.accounts["trading"].encrypted && aws_ebs_volume.accounts["trading"].final_snapshot && aws_ebs_volume.accounts["trading"].kms_key_id == var.kms_key_arn
    error_message = "Accounts must live on an encrypted disk of their own that leaves a snapshot behind."
  }

  assert {
    condition     = aws_ebs_volume.accounts["trading"].tags["barque:backup"] == "barque-small"
    error_message = "The disk of accounts must be backed up every day."
  }

  assert {
    condition     = aws_ebs_volume.accounts["trading"].availability_zone == "eu-central-1a" && aws_autoscaling_group.pool["trading"].vpc_zone_identifier == toset(["subnet-a"])
    error_message = "The machine must stand in the zone of its disk."
  }

  assert {
    condition     = strcontains(base64decode(aws_launch_template.pool["trading"].user_data), "--volume-id vol-0123456789") && !strcontains(base64decode(aws_launch_template.pool["serving"].user_data), "attach-volume")
    error_message = "The machine with accounts, and no other, must hold the disk."
  }

  assert {
    condition     = toset(flatten([for statement in jsondecode(aws_iam_role_policy.accounts[0].policy).Statement : statement.Resource])) == toset(["arn:aws:ec2:eu-central-1:111122223333:volume/vol-0123456789", "arn:aws:ec2:eu-central-1:111122223333:instance/*"]) && alltrue([for statement in jsondecode(aws_iam_role_policy.accounts[0].policy).Statement : statement.Action == ["ec2:AttachVolume"]])
    error_message = "Machines may hold this disk and no other."
  }

  # An account is never cut off.
  assert {
    condition     = aws_autoscaling_group.pool["trading"].protect_from_scale_in && !aws_autoscaling_group.pool["serving"].protect_from_scale_in
    error_message = "Machines that own accounts must be protected from scale-in."
  }

  assert {
    condition     = aws_autoscaling_group.pool["trading"].instance_refresh[0].preferences[0].scale_in_protected_instances == "Wait" && aws_autoscaling_group.pool["trading"].instance_refresh[0].preferences[0].min_healthy_percentage == 0 && aws_autoscaling_group.pool["trading"].instance_refresh[0].preferences[0].max_healthy_percentage == 100
    error_message = "A refresh must wait for protected machines, and end the old before it begins the new: two traders on one folder are refused."
  }

  assert {
    condition     = { for pool, hook in aws_autoscaling_lifecycle_hook.drain : pool => [hook.lifecycle_transition, hook.heartbeat_timeout] } == { serving = ["autoscaling:EC2_INSTANCE_TERMINATING", 120], trading = ["autoscaling:EC2_INSTANCE_TERMINATING", 90] }
    error_message = "Every pool must be given its grace before a machine goes."
  }

  # What serves is replaced without a gap.
  assert {
    condition     = aws_autoscaling_group.pool["serving"].health_check_type == "ELB" && aws_autoscaling_group.pool["serving"].target_group_arns == toset(["arn:stable"]) && length(aws_autoscaling_group.pool["trading"].target_group_arns) == 0
    error_message = "What serves must be judged by the balancer; what does not serve must not be behind it."
  }

  assert {
    condition     = aws_autoscaling_group.pool["serving"].instance_refresh[0].preferences[0].min_healthy_percentage == 100 && aws_autoscaling_group.pool["serving"].instance_refresh[0].preferences[0].auto_rollback
    error_message = "A refresh must never go below what is needed, and go back when it fails."
  }
}

run "pools_follow_their_metrics_and_the_clock" {
  command = apply

  variables {
    scaling = [
      { role = "api", metric = "cpu", target = 60, min = 2, max = 4 },
      { role = "api", metric = "barque_ws_connections", target = 400, min = 2, max = 4 },
      { role = "trader", metric = "cpu", target = 60, min = 1, max = 1 },
    ]
    schedules = [
      { role = "api", name = "open", zone = "America/New_York", start = "0 9 * * 1-5", end = "30 16 * * 1-5", min = 3 },
    ]
  }

  assert {
    condition     = aws_autoscaling_policy.target["api-cpu"].target_tracking_configuration[0].predefined_metric_specification[0].predefined_metric_type == "ASGAverageCPUUtilization" && aws_autoscaling_policy.target["api-cpu"].target_tracking_configuration[0].target_value == 60
    error_message = "Processor time must be AWS's own metric."
  }

  assert {
    condition     = aws_autoscaling_policy.target["api-barque_ws_connections"].target_tracking_configuration[0].customized_metric_specification[0].metric_name == "barque_ws_connections" && aws_autoscaling_policy.target["api-barque_ws_connections"].target_tracking_configuration[0].customized_metric_specification[0].namespace == "Barque/barque-small" && length(aws_autoscaling_policy.target["api-barque_ws_connections"].target_tracking_configuration[0].predefined_metric_specification) == 0
    error_message = "A metric of Barque's own must be followed under its own name."
  }

  assert {
    condition     = aws_autoscaling_policy.target["trader-cpu"].target_tracking_configuration[0].disable_scale_in && !aws_autoscaling_policy.target["api-cpu"].target_tracking_configuration[0].disable_scale_in
    error_message = "A pool that owns accounts must never shrink by itself."
  }

  assert {
    condition = { for name, one in aws_autoscaling_schedule.clock : name => [one.recurrence, one.time_zone, one.min_size, one.max_size, one.autoscaling_group_name] } == {
      "api-open-start" = ["0 9 * * 1-5", "America/New_York", 3, -1, "barque-small-serving"]
      "api-open-end"   = ["30 16 * * 1-5", "America/New_York", 2, -1, "barque-small-serving"]
    }
    error_message = "There must be more machines before the open, by the exchange's own clock."
  }
}

run "two_machines_with_accounts_are_refused" {
  command = plan

  variables {
    pools = { trading = { instance_type = "t3.large", least = 1, most = 2, serves = false, owns_accounts = true, grace = 60, roles = [] } }
  }

  expect_failures = [var.pools]
}

run "an_image_by_a_tag_is_refused" {
  command = plan

  variables {
    image = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/barque:latest"
  }

  expect_failures = [var.image]
}

run "a_rule_for_a_role_that_no_pool_carries_is_refused" {
  command = plan

  variables {
    scaling = [{ role = "cook", metric = "cpu", target = 60, min = 1, max = 2 }]
  }

  expect_failures = [var.scaling]
}

run "too_many_security_groups_are_refused" {
  command = plan

  variables {
    security_group_ids = { serving = ["sg-1", "sg-2", "sg-3", "sg-4", "sg-5"], trading = [] }
  }

  expect_failures = [var.security_group_ids]
}
