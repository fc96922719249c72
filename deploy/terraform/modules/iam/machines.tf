# Machines without a cluster: they may fetch their image, write logs and be reached by the Session
# Manager, and may take the roles of what runs on them. Nothing more is theirs.

resource "aws_iam_role" "machines" {
  count = local.by_pods ? 0 : 1

  name                 = "${var.name}-machines"
  permissions_boundary = aws_iam_policy.boundary.arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_instance_profile" "machines" {
  count = local.by_pods ? 0 : 1

  name = "${var.name}-machines"
  role = aws_iam_role.machines[0].name
}

resource "aws_iam_role_policy_attachment" "sessions" {
  count = local.by_pods ? 0 : 1

  role       = aws_iam_role.machines[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_role_policy" "machines" {
  count = local.by_pods ? 0 : 1

  name = "run-barque"
  role = aws_iam_role.machines[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Enter", Effect = "Allow", Action = ["ecr:GetAuthorizationToken"], Resource = "*" },
      {
        Sid      = "Fetch"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = var.repository_arns
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:${local.partition}:logs:${var.region}:${local.account}:log-group:/barque/${var.name}/*"
      },
      {
        Sid      = "TakeRoles"
        Effect   = "Allow"
        Action   = ["sts:AssumeRole"]
        Resource = [for role in keys(var.roles) : "arn:${local.partition}:iam::${local.account}:role/${var.name}-${role}"]
      },
    ]
  })
}
