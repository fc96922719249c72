# One page of the managed parts: a panel for each kind of alarm, with its limit drawn in.

locals {
  titles = sort(distinct([for alarm in values(local.alarms) : alarm.title]))
  panels = { for title in local.titles : title => { for name, alarm in local.alarms : name => alarm if alarm.title == title } }
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = [for i, title in local.titles : {
      type   = "metric"
      x      = 8 * (i % 3)
      y      = 6 * floor(i / 3)
      width  = 8
      height = 6
      properties = {
        title  = title
        region = var.region
        period = 60
        view   = "timeSeries"
        metrics = [for name, alarm in local.panels[title] : concat(
          [alarm.namespace, alarm.metric],
          flatten([for key, value in alarm.dimensions : [key, value]]),
          [{ stat = alarm.statistic, label = name }],
        )]
        annotations = { horizontal = [{ label = "told", value = values(local.panels[title])[0].at }] }
      }
    }]
  })
}
