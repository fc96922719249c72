# How pools grow and shrink, as deploy/scaling.yaml says. A rule about processor time is AWS's own
# metric; every other is a metric of Barque's that the machines publish.

locals {
  scaling = { for rule in var.scaling : "${rule.role}-${rule.metric}" => merge(rule, { pool = local.pool_of[rule.role] }) }
  pool_of = merge([for pool, one in var.pools : { for role in one.roles : role.name => pool }]...)
}

resource "aws_autoscaling_policy" "target" {
  for_each = local.scaling

  name                   = each.key
  autoscaling_group_name = aws_autoscaling_group.pool[each.value.pool].name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = each.value.target
    # A pool that owns accounts grows by itself and never shrinks by itself.
    disable_scale_in = var.pools[each.value.pool].owns_accounts

    dynamic "predefined_metric_specification" {
      for_each = each.value.metric == "cpu" ? ["ASGAverageCPUUtilization"] : []

      content {
        predefined_metric_type = predefined_metric_specification.value
      }
    }

    dynamic "customized_metric_specification" {
      for_each = each.value.metric == "cpu" ? [] : [each.value.metric]

      content {
        namespace   = "Barque/${var.name}"
        metric_name = customized_metric_specification.value
        statistic   = "Average"

        metric_dimension {
          name  = "Role"
          value = each.value.role
        }
      }
    }
  }
}

resource "aws_autoscaling_schedule" "clock" {
  for_each = { for one in var.schedules : "${one.role}-${one.name}" => merge(one, { pool = local.pool_of[one.role] }) }

  scheduled_action_name  = each.key
  autoscaling_group_name = aws_autoscaling_group.pool[each.value.pool].name
  recurrence             = each.value.recurrence
  time_zone              = each.value.time_zone
  min_size               = each.value.min
  max_size               = each.value.max
  desired_capacity       = each.value.min
}
