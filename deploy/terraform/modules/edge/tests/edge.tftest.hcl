# From the visitor to the api.

mock_provider "aws" {
  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:eu-central-1:111122223333:certificate/origin"
      domain_validation_options = [{
        domain_name = "x", resource_record_name = "_origin", resource_record_type = "CNAME", resource_record_value = "proof"
      }]
    }
  }
  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/mock/1" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:mock" }
  }
}

variables {
  name              = "barque-prod"
  region            = "eu-central-1"
  domain            = "barque.example"
  vpc_id            = "vpc-1"
  public_subnet_ids = ["subnet-a", "subnet-b", "subnet-c"]
  security_group_id = "sg-balancer"
  port              = 8000
  target_type       = "ip"
  bucket_domains = {
    assets  = "barque-prod-assets.s3.eu-central-1.amazonaws.com"
    reports = "barque-prod-reports.s3.eu-central-1.amazonaws.com"
  }
  logs_bucket     = "barque-prod-logs"
  logs_bucket_arn = "arn:aws:s3:::barque-prod-logs"
  log_days        = 90
  kms_key_arn     = "arn:aws:kms:eu-central-1:111122223333:key/logs"
  protected       = true
}

run "the_way_in_of_prod" {
  command = apply

  # The balancer speaks tls only and keeps records.
  assert {
    condition     = aws_lb_listener.https.port == 443 && aws_lb_listener.https.protocol == "HTTPS" && startswith(aws_lb_listener.https.ssl_policy, "ELBSecurityPolicy-TLS13-")
    error_message = "The only listener must be HTTPS with a policy of TLS 1.3."
  }

  assert {
    condition     = aws_lb.this.drop_invalid_header_fields && aws_lb.this.desync_mitigation_mode == "strictest" && aws_lb.this.enable_deletion_protection && aws_lb.this.idle_timeout == 120
    error_message = "The balancer must drop what is malformed, be protected, and outlast a socket's pings."
  }

  assert {
    condition     = aws_lb.this.access_logs[0].enabled && aws_lb.this.access_logs[0].bucket == "barque-prod-logs"
    error_message = "The balancer must keep access logs."
  }

  assert {
    condition     = aws_lb.this.security_groups == toset(["sg-balancer"]) && aws_lb.this.subnets == toset(["subnet-a", "subnet-b", "subnet-c"])
    error_message = "The balancer must stand in three zones behind its own group."
  }

  assert {
    condition     = aws_wafv2_web_acl_association.balancer.resource_arn == aws_lb.this.arn && aws_wafv2_web_acl_association.balancer.web_acl_arn == module.firewall.arn
    error_message = "The balancer must have a firewall of its own."
  }

  # Targets are asked whether they are ready and may finish.
  assert {
    condition     = toset(keys(aws_lb_target_group.api)) == toset(["stable", "canary"])
    error_message = "There must be a stable group of targets and a canary."
  }

  assert {
    condition     = alltrue([for group in aws_lb_target_group.api : group.health_check[0].path == "/health/ready" && group.health_check[0].matcher == "200" && group.health_check[0].interval == 10])
    error_message = "Ready means ready: /health/ready must answer 200."
  }

  assert {
    condition     = alltrue([for group in aws_lb_target_group.api : group.slow_start == 30 && group.deregistration_delay == "60" && group.load_balancing_algorithm_type == "round_robin" && group.target_type == "ip" && group.port == 8000])
    error_message = "New targets must warm up for 30 s and old ones have 60 s to finish."
  }

  # Nobody reaches the api by another name and nobody outside sees the inside.
  assert {
    condition     = aws_lb_listener.https.default_action[0].type == "fixed-response" && aws_lb_listener.https.default_action[0].fixed_response[0].status_code == "403"
    error_message = "Whoever asks for another name must be refused."
  }

  assert {
    condition     = one(one(aws_lb_listener_rule.api.condition).host_header).values == toset(["barque.example"])
    error_message = "Only our own name leads to the api."
  }

  assert {
    condition     = one(one(aws_lb_listener_rule.inside_only.condition).path_pattern).values == toset(["/metrics", "/metrics/*"]) && aws_lb_listener_rule.inside_only.action[0].fixed_response[0].status_code == "404" && aws_lb_listener_rule.inside_only.priority < aws_lb_listener_rule.api.priority
    error_message = "Meters must not be seen from outside, before anything is forwarded."
  }

  # Without a canary everybody goes to the stable targets.
  assert {
    condition = { for target in one(aws_lb_listener_rule.api.action[0].forward).target_group : target.arn => target.weight } == {
      (aws_lb_target_group.api["stable"].arn) = 100
      (aws_lb_target_group.api["canary"].arn) = 0
    }
    error_message = "All of a hundred must go to the stable targets."
  }

  # The cdn keeps what it may and nothing else.
  assert {
    condition     = [for rule in aws_cloudfront_distribution.this.ordered_cache_behavior : rule.path_pattern] == ["/api/*", "/health/*", "/assets/*", "/reports/*"]
    error_message = "The rules must be asked in this order: the API, health, hashed files, reports."
  }

  assert {
    condition = (
      aws_cloudfront_distribution.this.ordered_cache_behavior[0].cache_policy_id == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
      && aws_cloudfront_distribution.this.ordered_cache_behavior[0].origin_request_policy_id == "216adef6-5c7f-47e4-b989-5492eafa07d3"
      && aws_cloudfront_distribution.this.ordered_cache_behavior[0].target_origin_id == "balancer"
      && contains(aws_cloudfront_distribution.this.ordered_cache_behavior[0].allowed_methods, "DELETE")
    )
    error_message = "The API must never be cached, takes every method, and hears all that the visitor says (sockets need it)."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.ordered_cache_behavior[1].cache_policy_id == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" && aws_cloudfront_distribution.this.ordered_cache_behavior[1].target_origin_id == "balancer"
    error_message = "Whether we are ready must never be cached."
  }

  assert {
    condition = (
      aws_cloudfront_distribution.this.ordered_cache_behavior[2].cache_policy_id == aws_cloudfront_cache_policy.for_ever.id
      && aws_cloudfront_distribution.this.ordered_cache_behavior[2].target_origin_id == "assets"
      && aws_cloudfront_cache_policy.for_ever.min_ttl == 31536000
    )
    error_message = "Files whose names carry a hash are kept for a year, out of the bucket."
  }

  assert {
    condition = (
      aws_cloudfront_distribution.this.default_cache_behavior[0].cache_policy_id == aws_cloudfront_cache_policy.shell.id
      && aws_cloudfront_cache_policy.shell.default_ttl == 0 && aws_cloudfront_cache_policy.shell.max_ttl == 60
      && aws_cloudfront_cache_policy.shell.parameters_in_cache_key_and_forwarded_to_origin[0].headers_config[0].headers[0].items == toset(["Host"])
      && aws_cloudfront_cache_policy.shell.parameters_in_cache_key_and_forwarded_to_origin[0].cookies_config[0].cookie_behavior == "none"
    )
    error_message = "The page is kept a minute at most, only if its origin says so, and no cookie ever reaches it."
  }

  assert {
    condition     = length(aws_cloudfront_distribution.this.custom_error_response) == 10 && alltrue([for answer in aws_cloudfront_distribution.this.custom_error_response : answer.error_caching_min_ttl == 0])
    error_message = "No error may be kept."
  }

  assert {
    condition = alltrue([for rule in concat(aws_cloudfront_distribution.this.ordered_cache_behavior[*], aws_cloudfront_distribution.this.default_cache_behavior[*]) :
      rule.viewer_protocol_policy == "redirect-to-https" && rule.compress && rule.response_headers_policy_id == aws_cloudfront_response_headers_policy.security.id
    ])
    error_message = "Everything goes over HTTPS, compressed, with the security headers."
  }

  # Reports go through the api until there are keys for links.
  assert {
    condition     = aws_cloudfront_distribution.this.ordered_cache_behavior[3].target_origin_id == "balancer" && aws_cloudfront_distribution.this.ordered_cache_behavior[3].cache_policy_id == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    error_message = "Without keys for links, reports must pass the API's guard and never be cached."
  }

  # The cdn reaches its origins safely.
  assert {
    condition = { for origin in aws_cloudfront_distribution.this.origin : origin.origin_id => [origin.domain_name, origin.origin_access_control_id == aws_cloudfront_origin_access_control.bucket.id] } == {
      balancer = ["origin.barque.example", false]
      assets   = ["barque-prod-assets.s3.eu-central-1.amazonaws.com", true]
      reports  = ["barque-prod-reports.s3.eu-central-1.amazonaws.com", true]
    }
    error_message = "The buckets must be read with the distribution's own signature."
  }

  assert {
    condition     = aws_cloudfront_origin_access_control.bucket.signing_behavior == "always" && aws_cloudfront_origin_access_control.bucket.signing_protocol == "sigv4"
    error_message = "Every request to a bucket must be signed."
  }

  assert {
    condition     = one([for origin in aws_cloudfront_distribution.this.origin : origin.custom_origin_config[0] if origin.origin_id == "balancer"]).origin_protocol_policy == "https-only"
    error_message = "The balancer must be reached over TLS only."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.web_acl_id == module.cdn_firewall.arn
    error_message = "The CDN must have its firewall."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021" && aws_cloudfront_distribution.this.viewer_certificate[0].acm_certificate_arn == aws_acm_certificate.viewer.arn && aws_acm_certificate.viewer.region == "us-east-1"
    error_message = "Visitors need TLS 1.2 or later and the certificate of us-east-1."
  }

  assert {
    condition     = aws_cloudwatch_log_delivery.visits.delivery_source_name == aws_cloudwatch_log_delivery_source.visits.name && aws_cloudwatch_log_delivery_source.visits.resource_arn == aws_cloudfront_distribution.this.arn && aws_cloudwatch_log_delivery_destination.visits.delivery_destination_configuration[0].destination_resource_arn == "arn:aws:s3:::barque-prod-logs/cdn"
    error_message = "Visits must be logged to the bucket of logs."
  }

  # Browsers are told what they must not do.
  assert {
    condition = (
      aws_cloudfront_response_headers_policy.security.security_headers_config[0].strict_transport_security[0].access_control_max_age_sec >= 31536000
      && aws_cloudfront_response_headers_policy.security.security_headers_config[0].frame_options[0].frame_option == "DENY"
      && length(aws_cloudfront_response_headers_policy.security.security_headers_config[0].content_type_options) == 1
      && !aws_cloudfront_response_headers_policy.security.security_headers_config[0].content_security_policy[0].override
    )
    error_message = "HSTS for a year or more, no frames, no guessing of types; the app's own CSP wins."
  }

  # Names lead to the cdn and certificates are amazons.
  assert {
    condition     = toset([for record in aws_route53_record.visitors : "${record.type} ${record.name} ${record.alias[0].name}"]) == toset([for type in ["A", "AAAA"] : "${type} barque.example ${aws_cloudfront_distribution.this.domain_name}"])
    error_message = "The domain must lead to the CDN, by both kinds of address."
  }

  assert {
    condition     = aws_route53_record.origin[0].name == "origin.barque.example" && aws_route53_record.origin[0].alias[0].name == aws_lb.this.dns_name
    error_message = "The origin's name must lead to the balancer."
  }

  assert {
    condition     = contains(aws_route53_record.issuer.records, "0 issue \"amazon.com\"") && aws_route53_record.issuer.type == "CAA"
    error_message = "Only Amazon may issue certificates for the domain."
  }

  assert {
    condition     = aws_acm_certificate.origin.domain_name == "origin.barque.example" && aws_acm_certificate.viewer.domain_name == "barque.example" && toset(keys(aws_route53_record.proof)) == toset(["viewer", "origin"]) && aws_acm_certificate_validation.origin.certificate_arn == aws_acm_certificate.origin.arn
    error_message = "Each certificate must be for its own name and proven by its own record."
  }
}

run "a_canary_gets_its_share" {
  command = apply

  variables {
    canary_weight = 5
  }

  assert {
    condition = { for target in one(aws_lb_listener_rule.api.action[0].forward).target_group : target.arn => target.weight } == {
      (aws_lb_target_group.api["stable"].arn) = 95
      (aws_lb_target_group.api["canary"].arn) = 5
    }
    error_message = "Five of a hundred must go to the canary."
  }
}

run "reports_come_from_the_bucket_by_signed_links" {
  command = apply

  variables {
    report_keys = { first = "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n" }
  }

  assert {
    condition = (
      aws_cloudfront_distribution.this.ordered_cache_behavior[3].target_origin_id == "reports"
      && aws_cloudfront_distribution.this.ordered_cache_behavior[3].trusted_key_groups == tolist([aws_cloudfront_key_group.report[0].id])
    )
    error_message = "Reports must be read only with a signed link."
  }
}

run "where_another_region_can_take_over_the_origins_name_is_held_elsewhere" {
  command = apply

  variables {
    origin_record = false
  }

  assert {
    condition     = length(aws_route53_record.origin) == 0
    error_message = "Two modules must not hold the same record."
  }
}

run "who_stands_in_for_another_knows_its_name_before_the_day" {
  command = apply

  variables {
    domain               = "dr.barque.example"
    stands_in_for_domain = "barque.example"
  }

  assert {
    condition     = one(one(aws_lb_listener_rule.api.condition).host_header).values == toset(["dr.barque.example", "barque.example"]) && aws_acm_certificate.stands_in[0].domain_name == "origin.barque.example" && aws_lb_listener_certificate.stands_in[0].listener_arn == aws_lb_listener.https.arn
    error_message = "The balancer must answer to the other's name, with a certificate for it."
  }
}

run "a_canary_of_more_than_half_is_refused" {
  command = plan

  variables {
    canary_weight = 51
  }

  expect_failures = [var.canary_weight]
}

run "a_private_key_is_refused" {
  command = plan

  variables {
    report_keys = { first = "-----BEGIN PRIVATE KEY-----\nMIIB\n" }
  }

  expect_failures = [var.report_keys]
}

run "a_domain_with_a_scheme_is_refused" {
  command = plan

  variables {
    domain = "https://barque.example"
  }

  expect_failures = [var.domain]
}
