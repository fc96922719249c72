# In a file of its own: a state that never knew the days of a protected lock.

mock_provider "aws" {}

variables {
  name                      = "barque-test"
  kms_key_arn               = "arn:aws:kms:eu-central-1:123456789012:key/backup"
  restore_subnet_group_name = "barque-test-database"
  topic_arn                 = "arn:aws:sns:eu-central-1:123456789012:barque-test-alarms"
  protected                 = false
}

run "the_lock_of_an_unprotected_vault_has_a_key" {
  assert {
    condition     = aws_backup_vault_lock_configuration.this.changeable_for_days != 3
    error_message = "What is only tried would be locked for ever."
  }
}
