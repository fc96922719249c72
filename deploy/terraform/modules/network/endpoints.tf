# AWS's own services without the internet. The gateway to S3 costs nothing; each of the others costs
# by the hour and by the zone, so where nothing is protected one zone carries them for all three.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}

locals {
  endpoint_zones = var.endpoints_per_zone ? var.zones : [var.zones[0]]

  own_principals = {
    Effect    = "Allow"
    Principal = { AWS = "*" }
    Action    = "*"
    Resource  = "*"
    Condition = { StringEquals = { "aws:PrincipalAccount" = data.aws_caller_identity.this.account_id } }
  }

  # Layers of images and packages of the system lie in buckets of AWS's own; read only.
  aws_buckets = [
    "prod-${var.region}-starport-layer-bucket",
    "al2023-repos-${var.region}-de612dc2",
  ]
}

resource "aws_vpc_endpoint" "storage" {
  vpc_id            = aws_vpc.this.id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${var.region}.s3"
  route_table_ids   = [for table in aws_route_table.private : table.id]

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      merge(local.own_principals, {
        Sid = "OurBuckets"
        Condition = {
          StringEquals = { "aws:ResourceAccount" = data.aws_caller_identity.this.account_id }
        }
      }),
      {
        Sid       = "ImagesAndPackages"
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:GetObject"
        Resource = [
          for bucket in local.aws_buckets : "arn:${data.aws_partition.this.partition}:s3:::${bucket}/*"
        ]
      },
    ]
  })

  tags = { Name = "${var.name}-s3" }
}

resource "aws_vpc_endpoint" "service" {
  for_each = var.interface_endpoints

  vpc_id              = aws_vpc.this.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  subnet_ids          = [for zone in local.endpoint_zones : aws_subnet.private[zone].id]
  security_group_ids  = [aws_security_group.part[var.endpoints_part].id]
  private_dns_enabled = true
  policy              = jsonencode({ Version = "2012-10-17", Statement = [local.own_principals] })

  tags = { Name = "${var.name}-${each.key}" }
}
