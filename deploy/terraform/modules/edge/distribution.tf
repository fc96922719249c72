# CloudFront: what may be kept near the visitor is, what may not never is. Nothing is cached unless a
# rule below says so, and no error ever is.

locals {
  # AWS's own policies, by their published ids.
  never_cached  = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" # CachingDisabled
  as_visitor_is = "216adef6-5c7f-47e4-b989-5492eafa07d3" # AllViewer: sockets need their headers

  # CloudFront's certificate, firewall and logs stand in this region, wherever the rest does.
  global = "us-east-1"

  signed = length(var.report_keys) > 0

  # In this order, the first that fits; all else is the app shell.
  behaviors = [
    # The API and its WebSocket (/api/v1/stream).
    { path = "/api/*", origin = "balancer", cache = local.never_cached, asks = local.as_visitor_is, writes = true, compress = true, signed = false },
    # Whether we are ready; an old answer would be a lie.
    { path = "/health/*", origin = "balancer", cache = local.never_cached, asks = local.as_visitor_is, writes = false, compress = true, signed = false },
    # Files whose names carry a hash of what is in them.
    { path = "/assets/*", origin = "assets", cache = aws_cloudfront_cache_policy.for_ever.id, asks = null, writes = false, compress = true, signed = false },
    # Downloads: from the bucket to whoever holds a signed link, else through the API's guard.
    { path = "/reports/*", origin = local.signed ? "reports" : "balancer", cache = local.never_cached, asks = local.signed ? null : local.as_visitor_is, writes = false, compress = true, signed = local.signed },
  ]
}

resource "aws_cloudfront_cache_policy" "for_ever" {
  name        = "${var.name}-for-ever"
  comment     = "Files whose names carry their content"
  min_ttl     = 31536000
  default_ttl = 31536000
  max_ttl     = 31536000

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true

    cookies_config {
      cookie_behavior = "none"
    }

    headers_config {
      header_behavior = "none"
    }

    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

resource "aws_cloudfront_cache_policy" "shell" {
  name        = "${var.name}-shell"
  comment     = "The page itself: a minute at most, and only if its origin says so"
  min_ttl     = 0
  default_ttl = 0
  max_ttl     = 60

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true

    cookies_config {
      cookie_behavior = "none"
    }

    headers_config {
      header_behavior = "whitelist"

      headers {
        items = ["Host"]
      }
    }

    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

resource "aws_cloudfront_response_headers_policy" "security" {
  name    = "${var.name}-security"
  comment = "What a browser must not do with us; the app's own headers win where it sets them"

  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 63072000
      include_subdomains         = true
      preload                    = true
      override                   = true
    }

    content_type_options {
      override = true
    }

    frame_options {
      frame_option = "DENY"
      override     = true
    }

    referrer_policy {
      referrer_policy = "no-referrer"
      override        = true
    }

    content_security_policy {
      content_security_policy = "default-src 'none'; frame-ancestors 'none'"
      override                = false
    }
  }

  remove_headers_config {
    items {
      header = "Server"
    }
  }
}

resource "aws_cloudfront_origin_access_control" "bucket" {
  name                              = var.name
  description                       = "Only this distribution reads the buckets"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_public_key" "report" {
  for_each = var.report_keys

  name        = "${var.name}-${each.key}"
  encoded_key = each.value
}

resource "aws_cloudfront_key_group" "report" {
  count = local.signed ? 1 : 0

  name  = "${var.name}-reports"
  items = [for key in aws_cloudfront_public_key.report : key.id]
}

resource "aws_cloudfront_distribution" "this" {
  enabled         = true
  comment         = "Barque: ${var.name}"
  aliases         = [var.domain]
  http_version    = "http2and3"
  is_ipv6_enabled = true
  price_class     = var.price_class
  web_acl_id      = module.cdn_firewall.arn

  origin {
    origin_id   = "balancer"
    domain_name = local.origin

    custom_origin_config {
      http_port                = 80
      https_port               = 443
      origin_protocol_policy   = "https-only"
      origin_ssl_protocols     = ["TLSv1.2"]
      origin_read_timeout      = 60
      origin_keepalive_timeout = 60
    }
  }

  dynamic "origin" {
    for_each = var.bucket_domains

    content {
      origin_id                = origin.key
      domain_name              = origin.value
      origin_access_control_id = aws_cloudfront_origin_access_control.bucket.id
    }
  }

  default_cache_behavior {
    target_origin_id           = "balancer"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = aws_cloudfront_cache_policy.shell.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.security.id
    compress                   = true
  }

  dynamic "ordered_cache_behavior" {
    for_each = local.behaviors

    content {
      path_pattern               = ordered_cache_behavior.value.path
      target_origin_id           = ordered_cache_behavior.value.origin
      viewer_protocol_policy     = "redirect-to-https"
      allowed_methods            = ordered_cache_behavior.value.writes ? ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"] : ["GET", "HEAD"]
      cached_methods             = ["GET", "HEAD"]
      cache_policy_id            = ordered_cache_behavior.value.cache
      origin_request_policy_id   = ordered_cache_behavior.value.asks
      response_headers_policy_id = aws_cloudfront_response_headers_policy.security.id
      trusted_key_groups         = ordered_cache_behavior.value.signed ? [aws_cloudfront_key_group.report[0].id] : null
      compress                   = ordered_cache_behavior.value.compress
    }
  }

  # CloudFront would keep an error for ten seconds: every visitor would see what one of them met.
  dynamic "custom_error_response" {
    for_each = toset([400, 403, 404, 405, 414, 500, 501, 502, 503, 504])

    content {
      error_code            = custom_error_response.value
      error_caching_min_ttl = 0
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = aws_acm_certificate_validation.viewer.certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }
}

module "cdn_firewall" {
  source = "../firewall"

  region     = local.global
  name       = "${var.name}-cdn"
  scope      = "CLOUDFRONT"
  behind_cdn = false
  rate_limit = var.rate_limit
  log_days   = var.log_days
}

resource "aws_cloudwatch_log_delivery_source" "visits" {
  region = local.global

  name         = "${var.name}-visits"
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.this.arn
}

resource "aws_cloudwatch_log_delivery_destination" "visits" {
  region = local.global

  name          = "${var.name}-visits"
  output_format = "json"

  delivery_destination_configuration {
    destination_resource_arn = "${var.logs_bucket_arn}/cdn"
  }
}

resource "aws_cloudwatch_log_delivery" "visits" {
  region = local.global

  delivery_source_name     = aws_cloudwatch_log_delivery_source.visits.name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.visits.arn
}
