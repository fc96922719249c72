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

# At least so many from one moment to another, by the clock of the exchange; the most stays as it is.
resource "aws_autoscaling_schedule" "clock" {
  for_each = merge([for one in var.schedules : {
    "${one.role}-${one.name}-start" = merge(one, { at = one.start, least = max(one.min, var.pools[local.pool_of[one.role]].least) })
    "${one.role}-${one.name}-end"   = merge(one, { at = one.end, least = var.pools[local.pool_of[one.role]].least })
  }]...)

  scheduled_action_name  = each.key
  autoscaling_group_name = aws_autoscaling_group.pool[local.pool_of[each.value.role]].name
  recurrence             = each.value.at
  time_zone              = each.value.zone
  min_size               = each.value.least
  max_size               = -1
  desired_capacity       = -1
}
