# Known attacks and too much at once are refused; what proves who somebody is is never logged.

mock_provider "aws" {
  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/mock/1" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:111122223333:log-group:mock" }
  }
}

variables {
  name       = "barque-prod-cdn"
  region     = "us-east-1"
  scope      = "CLOUDFRONT"
  behind_cdn = false
  rate_limit = 2000
  log_days   = 90
}

run "the_firewall_of_a_cdn" {
  command = apply

  # Attacks and too much at once are refused.
  assert {
    condition = toset(flatten([for rule in aws_wafv2_web_acl.this.rule : [for statement in rule.statement : [for group in statement.managed_rule_group_statement : group.name]]])) == toset([
      "AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet",
    ])
    error_message = "AWS's rules for bad addresses, bad inputs, common attacks and SQL must be there."
  }

  assert {
    condition     = alltrue([for rule in aws_wafv2_web_acl.this.rule : length(rule.override_action[0].none) == 1 if length(rule.override_action) > 0])
    error_message = "AWS's rules must refuse, not only count."
  }

  assert {
    condition = [for rule in aws_wafv2_web_acl.this.rule : {
      limit = rule.statement[0].rate_based_statement[0].limit
      by    = rule.statement[0].rate_based_statement[0].aggregate_key_type
      code  = rule.action[0].block[0].custom_response[0].response_code
      first = rule.priority
    } if rule.name == "too-much-at-once"] == [{ limit = 2000, by = "IP", code = 429, first = 1 }]
    error_message = "One address may make 2000 requests in five minutes and is then told 429, before anything else is asked."
  }

  assert {
    condition     = length(distinct([for rule in aws_wafv2_web_acl.this.rule : rule.priority])) == length(aws_wafv2_web_acl.this.rule)
    error_message = "Every rule must have an order of its own."
  }

  # Refused requests are logged without what proves who somebody is.
  assert {
    condition     = toset([for field in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : field.single_header[0].name]) == toset(["authorization", "cookie"])
    error_message = "The headers authorization and cookie must not be logged."
  }

  assert {
    condition     = aws_wafv2_web_acl_logging_configuration.this.resource_arn == aws_wafv2_web_acl.this.arn && aws_wafv2_web_acl_logging_configuration.this.log_destination_configs == toset([aws_cloudwatch_log_group.refused.arn])
    error_message = "What the firewall refuses must be logged."
  }

  assert {
    condition     = startswith(aws_cloudwatch_log_group.refused.name, "aws-waf-logs-") && aws_cloudwatch_log_group.refused.retention_in_days == 90
    error_message = "WAF writes only to groups called aws-waf-logs-..., kept as long as asked."
  }
}

run "behind_a_cdn_visitors_are_told_apart_by_the_forwarded_address" {
  command = apply

  variables {
    region     = "eu-central-1"
    scope      = "REGIONAL"
    behind_cdn = true
  }

  assert {
    condition = flatten([for rule in aws_wafv2_web_acl.this.rule : [for one in rule.statement[0].rate_based_statement : [one.aggregate_key_type, one.forwarded_ip_config[0].header_name, one.forwarded_ip_config[0].fallback_behavior]]]) == [
      "FORWARDED_IP", "X-Forwarded-For", "MATCH",
    ]
    error_message = "Behind the CDN the visitor's address is the forwarded one, and who forwards none is counted too."
  }
}

run "a_firewall_of_the_cdn_in_another_region_is_refused" {
  command = plan

  variables {
    region = "eu-central-1"
  }

  expect_failures = [var.region]
}

run "a_scope_that_does_not_exist_is_refused" {
  command = plan

  variables {
    scope = "WORLD"
  }

  expect_failures = [var.scope]
}

run "a_limit_that_waf_does_not_know_is_refused" {
  command = plan

  variables {
    rate_limit = 5
  }

  expect_failures = [var.rate_limit]
}
