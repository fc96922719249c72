# From the visitor to the api: names.tf holds the name and its proofs, distribution.tf the CDN.
#
# The balancer: one door, TLS only, open to CloudFront alone. It asks each target whether it is ready
# (reconciled, fresh, migrated), lets new ones warm up and old ones finish, and can send a share of
# the visitors to a canary.

locals {
  origin = "origin.${var.domain}"

  targets = {
    stable = 100 - var.canary_weight
    canary = var.canary_weight
  }
}

resource "aws_lb" "this" {
  name               = var.name
  internal           = false
  load_balancer_type = "application"
  security_groups    = [var.security_group_id]
  subnets            = var.public_subnet_ids

  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  xff_header_processing_mode = "append"
  enable_deletion_protection = var.protected
  enable_zonal_shift         = true
  enable_http2               = true
  # Longer than the 25 s between a socket's pings.
  idle_timeout = 120

  access_logs {
    bucket  = var.logs_bucket
    prefix  = var.access_log_prefix
    enabled = true
  }
}

resource "aws_lb_target_group" "api" {
  for_each = local.targets

  name        = "${var.name}-${each.key}"
  vpc_id      = var.vpc_id
  port        = var.port
  protocol    = "HTTP"
  target_type = var.target_type

  # Slow start needs turns: it does not go together with "least outstanding requests".
  load_balancing_algorithm_type = "round_robin"
  slow_start                    = 30
  deregistration_delay          = 60

  health_check {
    path                = "/health/ready"
    port                = "traffic-port"
    protocol            = "HTTP"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  # TLS 1.3, and 1.2 with strong ciphers: CloudFront speaks 1.2 to its origins.
  ssl_policy      = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
  certificate_arn = aws_acm_certificate_validation.origin.certificate_arn

  # Whoever does not ask for our name is not our CDN.
  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      status_code  = "403"
    }
  }
}

# Meters are for the inside. Whether we are ready may be asked by anybody: Route 53 does.
resource "aws_lb_listener_rule" "inside_only" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 10

  condition {
    path_pattern {
      values = ["/metrics", "/metrics/*"]
    }
  }

  action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener_rule" "api" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 20

  condition {
    host_header {
      values = compact([var.domain, var.stands_in_for_domain])
    }
  }

  action {
    type = "forward"

    forward {
      dynamic "target_group" {
        for_each = local.targets

        content {
          arn    = aws_lb_target_group.api[target_group.key].arn
          weight = target_group.value
        }
      }
    }
  }
}

# The CDN's firewall can be walked around by somebody else's distribution; this one cannot.
module "firewall" {
  source = "../firewall"

  name        = "${var.name}-balancer"
  region      = var.region
  scope       = "REGIONAL"
  behind_cdn  = true
  rate_limit  = var.rate_limit
  log_days    = var.log_days
  kms_key_arn = var.kms_key_arn
}

resource "aws_wafv2_web_acl_association" "balancer" {
  resource_arn = aws_lb.this.arn
  web_acl_arn  = module.firewall.arn
}
