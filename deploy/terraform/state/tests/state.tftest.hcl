# Where states lie is private, encrypted and can be taken back.

mock_provider "aws" {
  # Nothing here may be destroyed, not even by a test: so it is planned, and AWS answers at once.
  override_during = plan

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:111122223333:key/state" }
  }
}

variables {
  account_id = "111122223333"
  region     = "eu-central-1"
}

run "states_are_private_encrypted_and_can_be_taken_back" {
  command = plan

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "A spoilt state must be recoverable."
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.state.block_public_acls && aws_s3_bucket_public_access_block.state.block_public_policy && aws_s3_bucket_public_access_block.state.ignore_public_acls && aws_s3_bucket_public_access_block.state.restrict_public_buckets
    error_message = "No state may be public."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.state.rule).apply_server_side_encryption_by_default).kms_master_key_id == aws_kms_key.state.arn && aws_kms_key.state.enable_key_rotation
    error_message = "States must be encrypted with a key that is rotated."
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.state.policy).Statement[0].Effect == "Deny" && jsondecode(aws_s3_bucket_policy.state.policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
    error_message = "States must be read over TLS only."
  }

  assert {
    condition     = output.backend == { bucket = "barque-state-111122223333", region = "eu-central-1", kms_key_id = "arn:aws:kms:eu-central-1:111122223333:key/state" }
    error_message = "Environments must be told where their states lie."
  }
}

run "an_account_without_twelve_digits_is_refused" {
  command = plan

  variables {
    account_id = "me"
  }

  expect_failures = [var.account_id]
}
