# The way over. Two regions that trade are worse than none, so no machine decides: Route 53 watches
# and tells, and the record turns only when a person sets secondary_serves.

resource "aws_route53_health_check" "watch" {
  count = var.watched_host == null ? 0 : 1

  type              = "HTTPS"
  fqdn              = var.watched_host
  port              = 443
  resource_path     = "/health/ready"
  enable_sni        = true
  request_interval  = 30
  failure_threshold = 3
  measure_latency   = true

  tags = { Name = "${var.name} is reached" }
}

# Counts nothing, and so is always well: until it is turned round.
resource "aws_route53_health_check" "switch" {
  type                   = "CALCULATED"
  child_health_threshold = 0
  child_healthchecks     = aws_route53_health_check.watch[*].id
  invert_healthcheck     = var.secondary_serves

  tags = { Name = "${var.name} serves: turned by a person" }
}

resource "aws_route53_record" "origin" {
  for_each = var.origin == null ? {} : {
    PRIMARY   = var.origin.primary
    SECONDARY = var.origin.secondary
  }

  zone_id         = var.origin.zone_id
  name            = var.origin.record_name
  type            = "A"
  set_identifier  = lower(each.key)
  health_check_id = each.key == "PRIMARY" ? aws_route53_health_check.switch.id : null

  failover_routing_policy {
    type = each.key
  }

  alias {
    name    = each.value.dns_name
    zone_id = each.value.zone_id

    # The load balancer's own health would turn it without a person.
    evaluate_target_health = false
  }
}

resource "aws_cloudwatch_metric_alarm" "unreached" {
  count  = var.watched_host != null && var.told_topic_arn != null ? 1 : 0
  region = "us-east-1"

  alarm_name          = "${var.name}-region-unreached"
  alarm_description   = "Nobody reaches ${var.watched_host}. If the region is lost, a person turns the switch: see the runbook."
  namespace           = "AWS/Route53"
  metric_name         = "HealthCheckStatus"
  dimensions          = { HealthCheckId = aws_route53_health_check.watch[0].id }
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 5
  treat_missing_data  = "breaching"
  alarm_actions       = [var.told_topic_arn]
  ok_actions          = [var.told_topic_arn]
}
