output "topic_arn" {
  description = "Topic of the alarms."
  value       = aws_sns_topic.alarms.arn
}

output "log_group_names" {
  description = "Names of the log groups, by role."
  value       = { for role, group in aws_cloudwatch_log_group.role : role => group.name }
}

output "log_group_arns" {
  description = "ARNs of the log groups, by role, for IAM."
  value       = { for role, group in aws_cloudwatch_log_group.role : role => group.arn }
}

output "alarm_names" {
  description = "Names of all alarms."
  value       = toset([for alarm in concat(values(aws_cloudwatch_metric_alarm.this), [aws_cloudwatch_metric_alarm.failed]) : alarm.alarm_name])
}

output "dashboard_name" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}
