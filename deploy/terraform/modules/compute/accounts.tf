# Today accounts live in a folder, not in PostgreSQL: the folder is a disk of its own that outlives the
# machine, is backed up every day, and is given back as a snapshot even when it is destroyed.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}

locals {
  account_pools = { for pool, one in var.pools : pool => one if one.owns_accounts }
  ec2           = "arn:${data.aws_partition.this.partition}:ec2:${var.region}:${data.aws_caller_identity.this.account_id}"
}

resource "aws_ebs_volume" "accounts" {
  for_each = local.account_pools

  availability_zone = var.accounts_zone
  type              = "gp3"
  size              = each.value.accounts_gib
  encrypted         = true
  kms_key_id        = var.kms_key_arn
  final_snapshot    = true

  # What AWS Backup selects by.
  tags = { Name = "${var.name}-${each.key}-accounts", "barque:backup" = var.name }
}

resource "aws_iam_role_policy" "accounts" {
  count = length(local.account_pools) > 0 ? 1 : 0

  name = "hold-the-disk-of-accounts"
  role = var.machine_role_name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Disk"
        Effect   = "Allow"
        Action   = ["ec2:AttachVolume"]
        Resource = [for volume in aws_ebs_volume.accounts : "${local.ec2}:volume/${volume.id}"]
      },
      {
        Sid       = "Machine"
        Effect    = "Allow"
        Action    = ["ec2:AttachVolume"]
        Resource  = "${local.ec2}:instance/*"
        Condition = { StringEquals = { "aws:ResourceTag/Pool" = keys(local.account_pools) } }
      },
    ]
  })
}
