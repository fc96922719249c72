# What Karpenter needs of AWS: rights over its own machines only, and a queue in which AWS says that
# one of them is about to go. Its pools are in deploy/kubernetes.

resource "aws_sqs_queue" "interruptions" {
  name                      = "${var.name}-interruptions"
  message_retention_seconds = 300
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue_policy" "interruptions" {
  queue_url = aws_sqs_queue.interruptions.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AwsSays"
        Effect    = "Allow"
        Action    = "sqs:SendMessage"
        Principal = { Service = "events.amazonaws.com" }
        Resource  = aws_sqs_queue.interruptions.arn
        Condition = { ArnEquals = { "aws:SourceArn" = [for rule in aws_cloudwatch_event_rule.interruption : rule.arn] } }
      },
      {
        Sid       = "OnlyOverTls"
        Effect    = "Deny"
        Action    = "sqs:*"
        Principal = "*"
        Resource  = aws_sqs_queue.interruptions.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_cloudwatch_event_rule" "interruption" {
  for_each = {
    spot      = { source = "aws.ec2", type = "EC2 Spot Instance Interruption Warning" }
    rebalance = { source = "aws.ec2", type = "EC2 Instance Rebalance Recommendation" }
    state     = { source = "aws.ec2", type = "EC2 Instance State-change Notification" }
    health    = { source = "aws.health", type = "AWS Health Event" }
  }

  name          = "${var.name}-${each.key}"
  event_pattern = jsonencode({ source = [each.value.source], "detail-type" = [each.value.type] })
}

resource "aws_cloudwatch_event_target" "interruption" {
  for_each = aws_cloudwatch_event_rule.interruption

  rule = each.value.name
  arn  = aws_sqs_queue.interruptions.arn
}

locals {
  ours      = { "aws:ResourceTag/kubernetes.io/cluster/${var.name}" = "owned" }
  asked     = { "aws:RequestTag/kubernetes.io/cluster/${var.name}" = "owned" }
  ec2       = "arn:${local.partition}:ec2:${var.region}"
  ec2_owned = ["fleet", "instance", "launch-template", "network-interface", "spot-instances-request", "volume"]

  # The controllers that need rights over AWS, by the addon or chart, and what they may do.
  controllers = {
    "vpc-cni" = { account = "aws-node", namespace = "kube-system", managed = "AmazonEKS_CNI_Policy", statements = [] }
    "aws-ebs-csi-driver" = {
      account = "ebs-csi-controller-sa", namespace = "kube-system", managed = "service-role/AmazonEBSCSIDriverPolicy"
      statements = [{
        Sid    = "EncryptedVolumes", Effect = "Allow", Resource = var.kms_key_arns.volumes
        Action = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext"]
      }]
    }
    "karpenter" = { account = "karpenter", namespace = "karpenter", managed = null, statements = local.karpenter }
    # The balancer is Terraform's: the controller only puts pods into its target groups and takes them out.
    "load-balancer" = {
      account = "aws-load-balancer-controller", namespace = "kube-system", managed = null
      statements = [
        {
          Sid    = "Look", Effect = "Allow", Resource = "*"
          Action = ["ec2:DescribeAvailabilityZones", "ec2:DescribeInstances", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs", "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth"]
        },
        {
          Sid    = "Bind", Effect = "Allow", Resource = values(var.target_group_arns)
          Action = ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"]
        },
      ]
    }
    "external-secrets" = {
      account = "external-secrets", namespace = "external-secrets", managed = null
      statements = [
        {
          Sid = "ReadOurs", Effect = "Allow", Action = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
          # The database's own secret is named by RDS and tagged by us; all others begin like ours do.
          Resource = concat(["arn:${local.partition}:secretsmanager:${var.region}:${local.account}:secret:${var.secrets_prefix}*"], var.secret_arns)
        },
        {
          Sid       = "OpenOurs", Effect = "Allow", Action = ["kms:Decrypt"], Resource = var.kms_key_arns.trading
          Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${var.region}.amazonaws.com" } }
        },
      ]
    }
  }

  karpenter = [
    {
      Sid    = "Look", Effect = "Allow", Resource = "*"
      Action = ["ec2:DescribeAvailabilityZones", "ec2:DescribeImages", "ec2:DescribeInstanceStatus", "ec2:DescribeInstanceTypeOfferings", "ec2:DescribeInstanceTypes", "ec2:DescribeInstances", "ec2:DescribeLaunchTemplates", "ec2:DescribeSecurityGroups", "ec2:DescribeSpotPriceHistory", "ec2:DescribeSubnets", "pricing:GetProducts"]
    },
    {
      Sid      = "LookUpImages", Effect = "Allow", Action = ["ssm:GetParameter"]
      Resource = "arn:${local.partition}:ssm:${var.region}::parameter/aws/service/*"
    },
    {
      Sid      = "StartFrom", Effect = "Allow", Action = ["ec2:CreateFleet", "ec2:RunInstances"]
      Resource = concat(["${local.ec2}::image/*", "${local.ec2}::snapshot/*"], [for kind in ["security-group", "subnet"] : "${local.ec2}:${local.account}:${kind}/*"])
    },
    {
      Sid       = "StartOurs", Effect = "Allow", Action = ["ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:CreateTags", "ec2:RunInstances"]
      Resource  = [for kind in local.ec2_owned : "${local.ec2}:${local.account}:${kind}/*"]
      Condition = { StringEquals = local.asked }
    },
    {
      Sid       = "EndOurs", Effect = "Allow", Action = ["ec2:CreateFleet", "ec2:CreateTags", "ec2:DeleteLaunchTemplate", "ec2:RunInstances", "ec2:TerminateInstances"]
      Resource  = [for kind in ["instance", "launch-template"] : "${local.ec2}:${local.account}:${kind}/*"]
      Condition = { StringEquals = local.ours }
    },
    {
      Sid       = "HandOn", Effect = "Allow", Action = ["iam:PassRole"], Resource = aws_iam_role.nodes.arn
      Condition = { StringEquals = { "iam:PassedToService" = "ec2.amazonaws.com" } }
    },
    {
      Sid      = "Profiles", Effect = "Allow", Action = ["iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:DeleteInstanceProfile", "iam:GetInstanceProfile", "iam:RemoveRoleFromInstanceProfile", "iam:TagInstanceProfile"]
      Resource = "arn:${local.partition}:iam::${local.account}:instance-profile/${var.name}_*"
    },
    { Sid = "Hear", Effect = "Allow", Action = ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"], Resource = aws_sqs_queue.interruptions.arn },
    { Sid = "Find", Effect = "Allow", Action = ["eks:DescribeCluster"], Resource = aws_eks_cluster.this.arn },
  ]

  trust_pods = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Principal = { Service = "pods.eks.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnEquals    = { "aws:SourceArn" = aws_eks_cluster.this.arn }
      }
    }]
  }
}

resource "aws_iam_role" "controller" {
  for_each = toset(["vpc-cni", "aws-ebs-csi-driver", "karpenter", "load-balancer", "external-secrets"])

  name               = "${var.name}-${each.key}"
  assume_role_policy = jsonencode(local.trust_pods)
}

resource "aws_iam_role_policy" "controller" {
  for_each = { for name, one in local.controllers : name => one.statements if name != "vpc-cni" }

  name   = "only-what-it-does"
  role   = aws_iam_role.controller[each.key].id
  policy = jsonencode({ Version = "2012-10-17", Statement = each.value })
}

resource "aws_iam_role_policy_attachment" "controller" {
  for_each = { for name, one in local.controllers : name => one.managed if one.managed != null }

  role       = aws_iam_role.controller[each.key].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.value}"
}

# Addons bring their own association; charts are given theirs here.
resource "aws_eks_pod_identity_association" "controller" {
  for_each = { for name, one in local.controllers : name => one if !contains(keys(local.addons), name) }

  cluster_name    = aws_eks_cluster.this.name
  namespace       = each.value.namespace
  service_account = each.value.account
  role_arn        = aws_iam_role.controller[each.key].arn
}
