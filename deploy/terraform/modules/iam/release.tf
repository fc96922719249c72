# The pipeline that releases: GitHub proves who it is, no key is kept anywhere. It may bring images
# and look at the cluster; Terraform is applied by a person.

resource "aws_iam_openid_connect_provider" "github" {
  count = var.release == null ? 0 : 1

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "release" {
  count = var.release == null ? 0 : 1

  name                 = "${var.name}-release"
  permissions_boundary = aws_iam_policy.boundary.arn
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.github[0].arn }
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = "repo:${var.release.repository}:environment:${var.release.environment}"
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "release" {
  count = var.release == null ? 0 : 1

  name = "bring-images"
  role = aws_iam_role.release[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        { Sid = "Enter", Effect = "Allow", Action = ["ecr:GetAuthorizationToken"], Resource = "*" },
        {
          Sid    = "Bring"
          Effect = "Allow"
          Action = [
            "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload",
            "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage",
            "ecr:UploadLayerPart",
          ]
          Resource = var.repository_arns
        },
      ],
      [for arn in compact([var.cluster_arn]) : { Sid = "Look", Effect = "Allow", Action = ["eks:DescribeCluster"], Resource = arn }],
    )
  })
}
