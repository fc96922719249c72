mock_provider "aws" {}

variables {
  name         = "barque-test"
  account_id   = "123456789012"
  region       = "eu-central-1"
  kms_key_arn  = "arn:aws:kms:eu-central-1:123456789012:key/logs"
  roles        = ["api", "trader"]
  owners       = ["trader"]
  log_days     = 90
  databases    = { primary = "barque-test-database", replica-1 = "barque-test-replica-1" }
  cache_nodes  = { "001" = "barque-test-cache-001", "002" = "barque-test-cache-002" }
  balancer     = { arn_suffix = "app/barque-test/1", target_groups = { stable = "targetgroup/stable/1", canary = "targetgroup/canary/2" } }
  nat_gateways = { a = "nat-a", b = "nat-b" }
  told         = { duty = { protocol = "email", endpoint = "duty@barque.example" } }
}

run "what_is_told" {
  assert {
    condition = output.alarm_names == toset([
      "barque-test-database-primary-cpu", "barque-test-database-primary-storage",
      "barque-test-database-primary-memory", "barque-test-database-primary-connections",
      "barque-test-database-replica-1-cpu", "barque-test-database-replica-1-storage",
      "barque-test-database-replica-1-memory", "barque-test-database-replica-1-connections",
      "barque-test-database-replica-1-lag",
      "barque-test-cache-001-cpu", "barque-test-cache-001-memory", "barque-test-cache-001-evictions",
      "barque-test-cache-002-cpu", "barque-test-cache-002-memory", "barque-test-cache-002-evictions",
      "barque-test-balancer-failures", "barque-test-balancer-latency", "barque-test-balancer-failed",
      "barque-test-balancer-stable-unhealthy", "barque-test-balancer-canary-unhealthy",
      "barque-test-nat-a-ports", "barque-test-nat-b-ports",
      "barque-test-api-errors", "barque-test-trader-errors", "barque-test-trader-fence-rejects",
    ])
    error_message = "The alarms are ${join(", ", output.alarm_names)}."
  }

  assert {
    condition = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.this), [aws_cloudwatch_metric_alarm.failed]) :
      alarm.alarm_actions == toset([aws_sns_topic.alarms.arn]) && alarm.ok_actions == toset([aws_sns_topic.alarms.arn])
    ])
    error_message = "An alarm tells nobody."
  }

  assert {
    condition     = { for key, one in aws_sns_topic_subscription.told : key => [one.protocol, one.endpoint, one.topic_arn] } == { duty = ["email", "duty@barque.example", aws_sns_topic.alarms.arn] }
    error_message = "Nobody listens."
  }
}

run "what_each_alarm_counts" {
  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.this : key =>
      "${alarm.namespace} ${alarm.metric_name} ${alarm.comparison_operator} ${alarm.threshold} ${alarm.evaluation_periods} ${alarm.treat_missing_data}"
      } == {
      database-primary-cpu           = "AWS/RDS CPUUtilization GreaterThanThreshold 80 10 missing"
      database-primary-storage       = "AWS/RDS FreeStorageSpace LessThanThreshold 10737418240 5 breaching"
      database-primary-memory        = "AWS/RDS FreeableMemory LessThanThreshold 536870912 10 missing"
      database-primary-connections   = "AWS/RDS DatabaseConnections GreaterThanThreshold 400 5 missing"
      database-replica-1-cpu         = "AWS/RDS CPUUtilization GreaterThanThreshold 80 10 missing"
      database-replica-1-storage     = "AWS/RDS FreeStorageSpace LessThanThreshold 10737418240 5 breaching"
      database-replica-1-memory      = "AWS/RDS FreeableMemory LessThanThreshold 536870912 10 missing"
      database-replica-1-connections = "AWS/RDS DatabaseConnections GreaterThanThreshold 400 5 missing"
      database-replica-1-lag         = "AWS/RDS ReplicaLag GreaterThanThreshold 30 5 breaching"
      cache-001-cpu                  = "AWS/ElastiCache EngineCPUUtilization GreaterThanThreshold 80 10 missing"
      cache-001-memory               = "AWS/ElastiCache DatabaseMemoryUsagePercentage GreaterThanThreshold 80 10 missing"
      cache-001-evictions            = "AWS/ElastiCache Evictions GreaterThanThreshold 1000 10 notBreaching"
      cache-002-cpu                  = "AWS/ElastiCache EngineCPUUtilization GreaterThanThreshold 80 10 missing"
      cache-002-memory               = "AWS/ElastiCache DatabaseMemoryUsagePercentage GreaterThanThreshold 80 10 missing"
      cache-002-evictions            = "AWS/ElastiCache Evictions GreaterThanThreshold 1000 10 notBreaching"
      balancer-failures              = "AWS/ApplicationELB HTTPCode_ELB_5XX_Count GreaterThanThreshold 10 5 notBreaching"
      balancer-latency               = "AWS/ApplicationELB TargetResponseTime GreaterThanThreshold 1 5 notBreaching"
      balancer-stable-unhealthy      = "AWS/ApplicationELB UnHealthyHostCount GreaterThanThreshold 0 5 notBreaching"
      balancer-canary-unhealthy      = "AWS/ApplicationELB UnHealthyHostCount GreaterThanThreshold 0 5 notBreaching"
      nat-a-ports                    = "AWS/NATGateway ErrorPortAllocation GreaterThanThreshold 0 1 notBreaching"
      nat-b-ports                    = "AWS/NATGateway ErrorPortAllocation GreaterThanThreshold 0 1 notBreaching"
      api-errors                     = "Barque/barque-test api-errors GreaterThanThreshold 10 5 notBreaching"
      trader-errors                  = "Barque/barque-test trader-errors GreaterThanThreshold 10 5 notBreaching"
      trader-fence-rejects           = "Barque/barque-test trader-fence-rejects GreaterThanThreshold 0 1 notBreaching"
    }
    error_message = "An alarm counts something else, or is told at another limit."
  }

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => join(" ", [for name, value in alarm.dimensions : "${name}=${value}"])
      if contains(["database-primary-storage", "database-replica-1-lag", "cache-002-memory", "balancer-latency", "balancer-canary-unhealthy", "nat-b-ports", "api-errors"], key)
      } == {
      database-primary-storage  = "DBInstanceIdentifier=barque-test-database"
      database-replica-1-lag    = "DBInstanceIdentifier=barque-test-replica-1"
      cache-002-memory          = "CacheClusterId=barque-test-cache-002"
      balancer-latency          = "LoadBalancer=app/barque-test/1"
      balancer-canary-unhealthy = "LoadBalancer=app/barque-test/1 TargetGroup=targetgroup/canary/2"
      nat-b-ports               = "NatGatewayId=nat-b"
      api-errors                = ""
    }
    error_message = "An alarm watches something else."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["balancer-latency"].extended_statistic == "p95" &&
      aws_cloudwatch_metric_alarm.this["database-primary-storage"].statistic == "Minimum" &&
      aws_cloudwatch_metric_alarm.this["cache-001-evictions"].statistic == "Sum"
    )
    error_message = "An alarm looks at another statistic."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.period == 60 && alarm.datapoints_to_alarm == alarm.evaluation_periods])
    error_message = "An alarm is told before its minutes are over, or long after."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.failed.comparison_operator == "GreaterThanThreshold" &&
      aws_cloudwatch_metric_alarm.failed.threshold == 1 && aws_cloudwatch_metric_alarm.failed.evaluation_periods == 5 &&
      aws_cloudwatch_metric_alarm.failed.datapoints_to_alarm == 5 &&
      aws_cloudwatch_metric_alarm.failed.treat_missing_data == "notBreaching"
    )
    error_message = "Failures are told at another share than one percent for five minutes."
  }

  assert {
    condition     = [for query in aws_cloudwatch_metric_alarm.failed.metric_query : query.expression if query.return_data == true] == ["IF(asked >= 100, 100 * failed / asked, 0)"]
    error_message = "The share is reckoned in another way."
  }

  assert {
    condition = alltrue(flatten([for query in aws_cloudwatch_metric_alarm.failed.metric_query : [
      for metric in query.metric : metric.namespace == "AWS/ApplicationELB" && metric.period == 60 && metric.dimensions == tomap({ LoadBalancer = "app/barque-test/1" })
    ]]))
    error_message = "The share is of another load balancer."
  }

  assert {
    condition = { for query in aws_cloudwatch_metric_alarm.failed.metric_query : query.id => [for metric in query.metric : [metric.metric_name, metric.stat]] } == {
      share = [], asked = [["RequestCount", "Sum"]], failed = [["HTTPCode_Target_5XX_Count", "Sum"]]
    }
    error_message = "The share of failures is of something else."
  }
}

run "logs_by_role" {
  assert {
    condition     = output.log_group_names == { api = "/barque/barque-test/api", trader = "/barque/barque-test/trader" }
    error_message = "The log groups are ${jsonencode(output.log_group_names)}."
  }

  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.role : group.retention_in_days == 90 && group.kms_key_id == var.kms_key_arn])
    error_message = "A log is kept for ever or not under the logs' key."
  }

  assert {
    condition = { for key, filter in aws_cloudwatch_log_metric_filter.this : key => [
      filter.log_group_name, filter.pattern, filter.metric_transformation[0].namespace, filter.metric_transformation[0].name, filter.metric_transformation[0].default_value
      ] } == {
      api-errors           = ["/barque/barque-test/api", "{ $.level = \"error\" || $.level = \"critical\" }", "Barque/barque-test", "api-errors", "0"]
      trader-errors        = ["/barque/barque-test/trader", "{ $.level = \"error\" || $.level = \"critical\" }", "Barque/barque-test", "trader-errors", "0"]
      trader-fence-rejects = ["/barque/barque-test/trader", "{ $.event = \"fence_reject\" }", "Barque/barque-test", "trader-fence-rejects", "0"]
    }
    error_message = "Something else is counted in the logs."
  }
}

run "the_topic_is_encrypted_and_ours" {
  assert {
    condition     = aws_sns_topic.alarms.name == "barque-test-alarms" && aws_sns_topic.alarms.kms_master_key_id == var.kms_key_arn
    error_message = "What the alarms say is not under our key."
  }

  assert {
    condition = jsondecode(aws_sns_topic_policy.alarms.policy).Statement == [
      {
        Sid       = "AlarmsAndBackups"
        Effect    = "Allow"
        Principal = { Service = ["cloudwatch.amazonaws.com", "backup.amazonaws.com"] }
        Action    = "sns:Publish"
        Resource  = "arn:aws:sns:eu-central-1:123456789012:barque-test-alarms"
        Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" } }
      },
      {
        Sid       = "RefusePlainText"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "sns:Publish"
        Resource  = "arn:aws:sns:eu-central-1:123456789012:barque-test-alarms"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
    error_message = "Somebody else may speak to the topic, or in plain text."
  }
}

run "a_panel_for_each_kind" {
  assert {
    condition = toset([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.properties.title]) == toset([
      "Database: CPU, percent", "Database: free storage, bytes", "Database: free memory, bytes", "Database: connections",
      "Database: lag of replicas, s", "Cache: CPU, percent", "Cache: memory, percent", "Cache: evictions a minute",
      "Balancer: failures a minute", "Balancer: p95 of answers, s", "Balancer: targets not ready",
      "NAT: connections without a port", "Logs: errors a minute", "Logs: refused fences a minute",
    ])
    error_message = "The panels are others."
  }

  assert {
    condition = toset(flatten([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : [
      for metric in widget.properties.metrics : metric[length(metric) - 1].label
    ]])) == toset(keys(aws_cloudwatch_metric_alarm.this))
    error_message = "Something is told and not shown."
  }

  assert {
    condition = length(distinct([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : "${widget.x} ${widget.y}"])) == 14 && alltrue([
      for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.x + widget.width <= 24 && widget.height == 6 && widget.type == "metric" && widget.properties.view == "timeSeries" && widget.properties.period == 60 && widget.properties.region == "eu-central-1"
    ])
    error_message = "Panels lie over each other, or show another region."
  }

  assert {
    condition = [for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.properties.metrics if widget.properties.title == "Balancer: targets not ready"] == [[
      ["AWS/ApplicationELB", "UnHealthyHostCount", "LoadBalancer", "app/barque-test/1", "TargetGroup", "targetgroup/canary/2", { stat = "Maximum", label = "balancer-canary-unhealthy" }],
      ["AWS/ApplicationELB", "UnHealthyHostCount", "LoadBalancer", "app/barque-test/1", "TargetGroup", "targetgroup/stable/1", { stat = "Maximum", label = "balancer-stable-unhealthy" }],
    ]]
    error_message = "A panel shows something else."
  }
}

run "alone" {
  variables {
    databases    = { primary = "barque-test-database" }
    cache_nodes  = { "001" = "barque-test-cache-001" }
    balancer     = { arn_suffix = "app/barque-test/1", target_groups = { stable = "targetgroup/stable/1" } }
    nat_gateways = { a = "nat-a" }
    roles        = ["api"]
    owners       = []
    told         = {}
    log_days     = 7
    limits       = { database_free_storage_gib = 2, database_connections = 80 }
  }

  assert {
    condition = output.alarm_names == toset([
      "barque-test-database-primary-cpu", "barque-test-database-primary-storage",
      "barque-test-database-primary-memory", "barque-test-database-primary-connections",
      "barque-test-cache-001-cpu", "barque-test-cache-001-memory", "barque-test-cache-001-evictions",
      "barque-test-balancer-failures", "barque-test-balancer-latency", "barque-test-balancer-failed",
      "barque-test-balancer-stable-unhealthy", "barque-test-nat-a-ports", "barque-test-api-errors",
    ])
    error_message = "The alarms are ${join(", ", output.alarm_names)}."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["database-primary-storage"].threshold == 2147483648 &&
      aws_cloudwatch_metric_alarm.this["database-primary-connections"].threshold == 80 &&
      aws_cloudwatch_metric_alarm.this["database-primary-cpu"].threshold == 80
    )
    error_message = "The limits are others."
  }

  assert {
    condition     = !anytrue([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.properties.title == "Database: lag of replicas, s"])
    error_message = "There is a panel with nothing in it."
  }

  assert {
    condition     = length(aws_sns_topic_subscription.told) == 0 && aws_cloudwatch_log_group.role["api"].retention_in_days == 7
    error_message = "Somebody is told, or the log is kept for another time."
  }
}

run "an_owner_writes_a_log" {
  command = plan

  variables {
    owners = ["ghost"]
  }

  expect_failures = [var.owners]
}

run "a_database_has_a_primary" {
  command = plan

  variables {
    databases = { replica-1 = "barque-test-replica-1" }
  }

  expect_failures = [var.databases]
}

run "a_limit_that_is_never_passed" {
  command = plan

  variables {
    limits = { database_cpu_percent = 100 }
  }

  expect_failures = [var.limits]
}

run "a_limit_that_is_always_passed" {
  command = plan

  variables {
    limits = { replica_lag_seconds = 0 }
  }

  expect_failures = [var.limits]
}

run "a_pigeon_is_no_protocol" {
  command = plan

  variables {
    told = { duty = { protocol = "pigeon", endpoint = "roof" } }
  }

  expect_failures = [var.told]
}

run "logs_are_kept_as_cloudwatch_can" {
  command = plan

  variables {
    log_days = 42
  }

  expect_failures = [var.log_days]
}
