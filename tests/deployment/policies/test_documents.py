"""Policy documents are read as AWS reads them."""

from typing import Any

import pytest

from barque.deployment.policies.documents import Request, allowed

ME = "arn:aws:iam::1:role/me"
READ = Request(ME, "s3:GetObject", "arn:aws:s3:::lake/a", {"kms:ViaService": "s3"})
ALLOW: dict[str, Any] = {
    "Effect": "Allow",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::lake/*",
}
EVERYTHING: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def test_nothing_is_allowed_that_no_statement_allows() -> None:
    assert not allowed(READ, [])


def test_a_statement_allows_its_actions_on_its_resources() -> None:
    assert allowed(READ, [ALLOW])


@pytest.mark.parametrize(
    "change",
    [
        {"Action": "s3:PutObject"},
        {"Resource": "arn:aws:s3:::audit/*"},
        {"Condition": {"StringEquals": {"kms:ViaService": "rds"}}},
        {"Condition": {"StringEquals": {"kms:EncryptionContext:tenant": "one"}}},
        {"Condition": {"Null": {"kms:EncryptionContext:tenant": "false"}}},
        {"Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
        {"Principal": {"AWS": "arn:aws:iam::1:role/another"}},
    ],
)
def test_what_does_not_fit_does_not_allow(change: dict[str, Any]) -> None:
    assert not allowed(READ, [ALLOW | change])


@pytest.mark.parametrize(
    "change",
    [
        {"Action": ["s3:Get*"]},
        {"Action": "S3:getobject"},
        {"Resource": "arn:aws:s3:::la?e/*"},
        {"Condition": {"StringLike": {"kms:ViaService": "s*"}}},
        {"Condition": {"Null": {"kms:EncryptionContext:tenant": "true"}}},
        {"Principal": {"AWS": [ME]}},
        {"Principal": "*"},
        {"Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/me"}}},
    ],
)
def test_what_fits_allows(change: dict[str, Any]) -> None:
    assert allowed(READ, [ALLOW | change])


def test_a_denial_wins_wherever_it_stands() -> None:
    deny = ALLOW | {"Effect": "Deny"}

    assert not allowed(READ, [EVERYTHING, deny])
    assert not allowed(READ, [EVERYTHING], [EVERYTHING, deny])
    assert not allowed(READ, [EVERYTHING], None, [EVERYTHING, deny])


def test_a_denial_with_a_condition_that_is_not_understood_denies() -> None:
    deny = ALLOW | {"Effect": "Deny", "Condition": {"DateLessThan": {"aws:CurrentTime": "2030"}}}

    assert not allowed(READ, [EVERYTHING, deny])


def test_a_denial_whose_condition_is_not_met_does_not_deny() -> None:
    deny = ALLOW | {"Effect": "Deny", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [ME]}}}

    assert allowed(READ, [EVERYTHING, deny])


def test_boundaries_and_keys_must_allow_as_well() -> None:
    assert not allowed(READ, [ALLOW], boundary=[])
    assert not allowed(READ, [ALLOW], of_resource=[])
    assert allowed(READ, [ALLOW], [EVERYTHING], [EVERYTHING])
