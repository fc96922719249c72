# What AWS would say, where a test of a whole environment needs it to make sense.

mock_data "aws_caller_identity" {
  defaults = { account_id = "111122223333" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws" }
}

mock_data "aws_ec2_managed_prefix_list" {
  defaults = { id = "pl-cloudfront" }
}

mock_resource "aws_acm_certificate" {
  defaults = {
    arn = "arn:aws:acm:eu-central-1:111122223333:certificate/mock"
    domain_validation_options = [{
      domain_name = "x", resource_record_name = "_x", resource_record_type = "CNAME", resource_record_value = "proof"
    }]
  }
}

mock_resource "aws_ecr_repository" {
  defaults = {
    arn            = "arn:aws:ecr:eu-central-1:111122223333:repository/barque"
    repository_url = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/barque"
  }
}

mock_resource "aws_eks_cluster" {
  defaults = { arn = "arn:aws:eks:eu-central-1:111122223333:cluster/mock" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::111122223333:role/mock" }
}

mock_resource "aws_iam_policy" {
  defaults = { arn = "arn:aws:iam::111122223333:policy/mock" }
}

mock_resource "aws_kms_key" {
  defaults = { arn = "arn:aws:kms:eu-central-1:111122223333:key/mock" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:eu-central-1:111122223333:mock" }
}

mock_resource "aws_wafv2_web_acl" {
  defaults = { arn = "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/mock/1" }
}

mock_resource "aws_lb_target_group" {
  defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/mock/1" }
}

mock_resource "aws_security_group" {
  defaults = { id = "sg-mock" }
}
