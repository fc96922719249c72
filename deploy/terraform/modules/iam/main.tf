# One role for each role of the product, with the rights that the design grants it and no others.
# Who may take a role: a pod through EKS Pod Identity, or the machines where there is no cluster.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}

locals {
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
  by_pods   = var.cluster_arn != null

  trust_pods = {
    Effect    = "Allow"
    Action    = ["sts:AssumeRole", "sts:TagSession"]
    Principal = { Service = "pods.eks.amazonaws.com" }
    Condition = {
      StringEquals = { "aws:SourceAccount" = local.account }
      ArnEquals    = { "aws:SourceArn" = coalesce(var.cluster_arn, "none") }
    }
  }
  trust_machines = {
    Effect    = "Allow"
    Action    = ["sts:AssumeRole"]
    Principal = { AWS = one(aws_iam_role.machines[*].arn) }
  }
}

resource "aws_iam_role" "role" {
  for_each = var.roles

  name                 = "${var.name}-${each.key}"
  description          = "Barque's role ${each.key}"
  permissions_boundary = aws_iam_policy.boundary.arn

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for trust in [local.trust_pods, local.trust_machines] : trust if(trust == local.trust_pods) == local.by_pods]
  })

  tags = { Role = each.key }
}

resource "aws_iam_role_policy" "role" {
  for_each = var.roles

  name   = "what-the-design-grants"
  role   = aws_iam_role.role[each.key].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements[each.key] })
}

# Whatever is ever attached to a role of Barque, it cannot pass this: no rights over rights, over the
# audit of the account, or over backups.
resource "aws_iam_policy" "boundary" {
  name        = "${var.name}-boundary"
  description = "What no role of Barque can ever do"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "AtMost"
        Effect   = "Allow"
        Resource = "*"
        # Of the Session Manager: being reached, not commanding others. Of ECR: fetching and bringing
        # images, not removing them or letting others in.
        Action = [
          "ec2:AttachVolume", "ec2messages:*", "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage",
          "ecr:CompleteLayerUpload", "ecr:DescribeImages", "ecr:GetAuthorizationToken",
          "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
          "eks:DescribeCluster", "kms:Decrypt", "kms:GenerateDataKey", "logs:CreateLogStream",
          "logs:PutLogEvents", "s3:GetObject", "s3:ListBucket", "s3:PutObject", "ssm:ListAssociations",
          "ssm:ListInstanceAssociations", "ssm:UpdateInstanceInformation", "ssmmessages:*", "sts:AssumeRole",
        ]
      },
      {
        Sid      = "Never"
        Effect   = "Deny"
        Resource = "*"
        Action   = ["backup:*", "cloudtrail:*", "iam:*", "organizations:*", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"]
      },
    ]
  })
}
