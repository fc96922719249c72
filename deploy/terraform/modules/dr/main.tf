# What must be in the second region before it is needed: keys, a vault and copies of what is in S3.
# The database's own copies are made by the module database under the keys that are made here.

module "kms" {
  source = "../kms"

  name       = var.name
  account_id = var.account_id
  region     = var.copied_to
  keys       = ["audit", "backup", "lake", "trading"]
  protected  = var.protected
  users = {
    lake  = { encrypt = [aws_iam_role.replication.arn] }
    audit = { encrypt = [aws_iam_role.replication.arn] }
  }
}

# The same key, not another: what it enveloped in the first region opens here.
resource "aws_kms_replica_key" "credentials" {
  region = var.copied_to

  description             = "${var.name}: keys of venues, enveloped"
  primary_key_arn         = var.credentials_key_arn
  policy                  = var.credentials_policy
  deletion_window_in_days = var.protected ? 30 : 7
}

resource "aws_kms_alias" "credentials" {
  region = var.copied_to

  name          = "alias/${var.name}/credentials"
  target_key_id = aws_kms_replica_key.credentials.key_id
}

resource "aws_backup_vault" "copy" {
  region = var.copied_to

  name          = "${var.name}-copy"
  kms_key_arn   = module.kms.arns["backup"]
  force_destroy = !var.protected
}

resource "aws_backup_vault_lock_configuration" "copy" {
  region = var.copied_to

  backup_vault_name   = aws_backup_vault.copy.name
  min_retention_days  = 1
  max_retention_days  = 35
  changeable_for_days = var.protected ? 3 : null
}
