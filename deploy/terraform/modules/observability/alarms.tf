# The alarms: what is watched of each kind of thing, then one alarm for each thing there is.

locals {
  # title: the panel. at: the limit, above which (or, where less is worse, below which) it is told.
  # for: how many minutes in a row. silence: what it means when nothing is counted.
  kinds = {
    database = {
      cpu = {
        title  = "Database: CPU, percent", words = "works at its limit"
        metric = "CPUUtilization", statistic = "Average", below = false
        at     = var.limits.database_cpu_percent, for = 10, silence = "missing"
      }
      storage = {
        title  = "Database: free storage, bytes", words = "is nearly full: PostgreSQL stops when it is"
        metric = "FreeStorageSpace", statistic = "Minimum", below = true
        at     = var.limits.database_free_storage_gib * 1024 * 1024 * 1024, for = 5, silence = "breaching"
      }
      memory = {
        title  = "Database: free memory, bytes", words = "has little memory left"
        metric = "FreeableMemory", statistic = "Minimum", below = true
        at     = var.limits.database_free_memory_mib * 1024 * 1024, for = 10, silence = "missing"
      }
      connections = {
        title  = "Database: connections", words = "has many connections: is PgBouncer passed by?"
        metric = "DatabaseConnections", statistic = "Maximum", below = false
        at     = var.limits.database_connections, for = 5, silence = "missing"
      }
    }
    replica = {
      lag = {
        title  = "Database: lag of replicas, s", words = "is behind: reads go to the primary"
        metric = "ReplicaLag", statistic = "Maximum", below = false
        at     = var.limits.replica_lag_seconds, for = 5, silence = "breaching"
      }
    }
    cache = {
      cpu = {
        title  = "Cache: CPU, percent", words = "works at its limit"
        metric = "EngineCPUUtilization", statistic = "Average", below = false
        at     = var.limits.cache_cpu_percent, for = 10, silence = "missing"
      }
      memory = {
        title  = "Cache: memory, percent", words = "is nearly full"
        metric = "DatabaseMemoryUsagePercentage", statistic = "Maximum", below = false
        at     = var.limits.cache_memory_percent, for = 10, silence = "missing"
      }
      evictions = {
        title  = "Cache: evictions a minute", words = "forgets what is still asked for"
        metric = "Evictions", statistic = "Sum", below = false
        at     = var.limits.cache_evictions, for = 10, silence = "notBreaching"
      }
    }
    balancer = {
      failures = {
        title  = "Balancer: failures a minute", words = "answers for nobody: no target, or none in time"
        metric = "HTTPCode_ELB_5XX_Count", statistic = "Sum", below = false
        at     = 10, for = 5, silence = "notBreaching"
      }
      latency = {
        title  = "Balancer: p95 of answers, s", words = "waits long for one answer in twenty"
        metric = "TargetResponseTime", statistic = "p95", below = false
        at     = var.limits.answer_seconds, for = 5, silence = "notBreaching"
      }
    }
    targets = {
      unhealthy = {
        title  = "Balancer: targets not ready", words = "has targets that are not ready"
        metric = "UnHealthyHostCount", statistic = "Maximum", below = false
        at     = 0, for = 5, silence = "notBreaching"
      }
    }
    nat = {
      ports = {
        title  = "NAT: connections without a port", words = "has no port left for a new connection"
        metric = "ErrorPortAllocation", statistic = "Sum", below = false
        at     = 0, for = 1, silence = "notBreaching"
      }
    }
    logs = {
      errors = {
        title     = "Logs: errors a minute", words = "are many"
        statistic = "Sum", below = false
        at        = var.limits.errors_in_logs, for = 5, silence = "notBreaching"
      }
      fence-rejects = {
        title     = "Logs: refused fences a minute", words = "mean that two wanted the same account"
        statistic = "Sum", below = false
        at        = 0, for = 1, silence = "notBreaching"
      }
    }
  }

  # Things of a kind, by the beginning of the alarm's name, and what CloudWatch calls each.
  things = merge(
    { for key, id in var.databases : "database-${key}" => {
      kind = "database", namespace = "AWS/RDS", dimensions = { DBInstanceIdentifier = id }
    } },
    { for key, id in var.cache_nodes : "cache-${key}" => {
      kind = "cache", namespace = "AWS/ElastiCache", dimensions = { CacheClusterId = id }
    } },
    { balancer = {
      kind = "balancer", namespace = "AWS/ApplicationELB", dimensions = { LoadBalancer = var.balancer.arn_suffix }
    } },
    { for key, suffix in var.balancer.target_groups : "balancer-${key}" => {
      kind = "targets", namespace = "AWS/ApplicationELB", dimensions = { LoadBalancer = var.balancer.arn_suffix, TargetGroup = suffix }
    } },
    { for zone, id in var.nat_gateways : "nat-${zone}" => {
      kind = "nat", namespace = "AWS/NATGateway", dimensions = { NatGatewayId = id }
    } },
  )

  alarms = merge(
    merge([for name, thing in local.things : {
      for alarm, kind in local.kinds[thing.kind] : "${name}-${alarm}" => merge(kind, thing)
    }]...),
    { for key in keys(var.databases) : "database-${key}-lag" =>
    merge(local.kinds.replica.lag, local.things["database-${key}"]) if key != "primary" },
    { for key, filter in local.filters : key =>
    merge(local.kinds.logs[filter.counts], { metric = key, namespace = local.namespace, dimensions = {} }) },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name        = "${var.name}-${each.key}"
  alarm_description = "${each.key} ${each.value.words}."

  namespace           = each.value.namespace
  dimensions          = each.value.dimensions
  metric_name         = each.value.metric
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = each.value.below ? "LessThanThreshold" : "GreaterThanThreshold"
  threshold           = each.value.at
  period              = 60
  evaluation_periods  = each.value.for
  datapoints_to_alarm = each.value.for
  treat_missing_data  = each.value.silence

  alarm_actions = [aws_sns_topic.alarms.arn]
  ok_actions    = [aws_sns_topic.alarms.arn]
}

# A share, not a number: ten failures are many at night and none at the open.
resource "aws_cloudwatch_metric_alarm" "failed" {
  alarm_name          = "${var.name}-balancer-failed"
  alarm_description   = "More than ${var.limits.failed_percent} percent of the answers of the api are failures."
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.limits.failed_percent
  evaluation_periods  = 5
  datapoints_to_alarm = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "share"
    label       = "failed answers, percent"
    expression  = "IF(asked >= 100, 100 * failed / asked, 0)"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { asked = "RequestCount", failed = "HTTPCode_Target_5XX_Count" }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value
        dimensions  = { LoadBalancer = var.balancer.arn_suffix }
        period      = 60
        stat        = "Sum"
      }
    }
  }
}
