# The zone, the certificates and their proofs. Who owns the domain points it at the zone's name
# servers once (see the outputs).

resource "aws_route53_zone" "this" {
  name    = var.domain
  comment = "Barque: ${var.name}"
}

resource "aws_acm_certificate" "viewer" {
  region = local.global

  domain_name       = var.domain
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_acm_certificate" "origin" {
  domain_name       = local.origin
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "proof" {
  for_each = {
    viewer = tolist(aws_acm_certificate.viewer.domain_validation_options)[0]
    origin = tolist(aws_acm_certificate.origin.domain_validation_options)[0]
  }

  zone_id         = aws_route53_zone.this.zone_id
  name            = each.value.resource_record_name
  type            = each.value.resource_record_type
  records         = [each.value.resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "viewer" {
  region = local.global

  certificate_arn         = aws_acm_certificate.viewer.arn
  validation_record_fqdns = [aws_route53_record.proof["viewer"].fqdn]
}

resource "aws_acm_certificate_validation" "origin" {
  certificate_arn         = aws_acm_certificate.origin.arn
  validation_record_fqdns = [aws_route53_record.proof["origin"].fqdn]
}

# Nobody but Amazon may issue a certificate for the name.
resource "aws_route53_record" "issuer" {
  zone_id = aws_route53_zone.this.zone_id
  name    = var.domain
  type    = "CAA"
  ttl     = 3600
  records = ["0 issue \"amazon.com\"", "0 issuewild \";\""]
}

resource "aws_route53_record" "visitors" {
  for_each = toset(["A", "AAAA"])

  zone_id = aws_route53_zone.this.zone_id
  name    = var.domain
  type    = each.key

  alias {
    name                   = aws_cloudfront_distribution.this.domain_name
    zone_id                = aws_cloudfront_distribution.this.hosted_zone_id
    evaluate_target_health = false
  }
}

# Where another region can take over, the module dr holds this record, and a person turns it.
resource "aws_route53_record" "origin" {
  count = var.origin_record ? 1 : 0

  zone_id = aws_route53_zone.this.zone_id
  name    = local.origin
  type    = "A"

  alias {
    name                   = aws_lb.this.dns_name
    zone_id                = aws_lb.this.zone_id
    evaluate_target_health = true
  }
}

# The name of the environment that this one stands in for: the balancer must already know it on the
# day. The proof is the record that the other environment made; the account is the same.
resource "aws_acm_certificate" "stands_in" {
  count = var.stands_in_for_domain == null ? 0 : 1

  domain_name       = "origin.${var.stands_in_for_domain}"
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener_certificate" "stands_in" {
  count = var.stands_in_for_domain == null ? 0 : 1

  listener_arn    = aws_lb_listener.https.arn
  certificate_arn = aws_acm_certificate.stands_in[0].arn
}
