# Machines without Kubernetes, for a small team: one group of machines for each pool. A machine pulls
# the image and runs the pool's roles; it has no public address and no SSH, people come by session.

resource "aws_launch_template" "pool" {
  for_each = var.pools

  name                   = "${var.name}-${each.key}"
  image_id               = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
  instance_type          = each.value.instance_type
  update_default_version = true
  user_data              = base64encode(local.start[each.key])

  iam_instance_profile {
    name = var.instance_profile_name
  }

  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    security_groups             = concat([aws_security_group.machines.id], var.security_group_ids[each.key])
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
    instance_metadata_tags      = "disabled"
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = each.value.disk_gib
      encrypted             = true
      kms_key_id            = var.kms_key_arn
      delete_on_termination = true
    }
  }

  monitoring {
    enabled = true
  }

  tag_specifications {
    resource_type = "instance"
    tags          = { Name = "${var.name}-${each.key}", Pool = each.key }
  }

  tag_specifications {
    resource_type = "volume"
    tags          = { Name = "${var.name}-${each.key}", Pool = each.key }
  }
}

resource "aws_autoscaling_group" "pool" {
  for_each = var.pools

  name     = "${var.name}-${each.key}"
  min_size = each.value.least
  max_size = each.value.most
  # Accounts live on a disk, and a disk lives in one zone.
  vpc_zone_identifier       = each.value.owns_accounts ? [var.private_subnet_ids[var.accounts_zone]] : values(var.private_subnet_ids)
  health_check_type         = each.value.serves ? "ELB" : "EC2"
  health_check_grace_period = 180
  default_instance_warmup   = 60
  target_group_arns         = each.value.serves ? [var.target_group_arn] : []
  capacity_rebalance        = false
  wait_for_capacity_timeout = "0"
  # A machine that owns accounts is never chosen to go: its accounts are handed over first.
  protect_from_scale_in = each.value.owns_accounts
  termination_policies  = ["OldestLaunchTemplate", "OldestInstance"]
  enabled_metrics       = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupTerminatingInstances"]

  launch_template {
    id      = aws_launch_template.pool[each.key].id
    version = aws_launch_template.pool[each.key].latest_version
  }

  instance_refresh {
    strategy = "Rolling"

    preferences {
      min_healthy_percentage       = each.value.owns_accounts ? 0 : 100
      max_healthy_percentage       = each.value.owns_accounts ? 100 : 110
      instance_warmup              = 120
      auto_rollback                = true
      scale_in_protected_instances = "Wait"
      skip_matching                = true
    }
  }

  dynamic "tag" {
    for_each = { Name = "${var.name}-${each.key}", Pool = each.key }

    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }
}

# Nothing is ended before it said that it is done: sockets drained, accounts handed over. After the grace
# that the roles ask for, silence is taken for a yes.
resource "aws_autoscaling_lifecycle_hook" "drain" {
  for_each = var.pools

  name                   = "drain"
  autoscaling_group_name = aws_autoscaling_group.pool[each.key].name
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  heartbeat_timeout      = max(30, each.value.grace + 30)
  default_result         = "CONTINUE"
}

locals {
  start = { for pool, one in var.pools : pool => templatefile("${path.module}/start.sh.tftpl", {
    name      = var.name
    region    = var.region
    image     = var.image
    domain    = var.domain
    roles     = one.roles
    log_group = var.log_group_prefix
    volume    = one.owns_accounts ? aws_ebs_volume.accounts[pool].id : ""
  }) }
}
