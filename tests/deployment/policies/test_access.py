"""IAM is compared with the design's grants, both ways."""

import json
from dataclasses import replace
from typing import Any

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.cloud_architecture import Access, Architecture, Status, Verb
from barque.deployment.policies.access import answers, differing_access
from barque.deployment.terraform_plans import Plan

ROLE, KEY, BUCKET = (
    "arn:aws:iam::1:role/barque-prod-api",
    "arn:aws:kms:r:1:key/lake",
    "arn:aws:s3:::lake",
)


def _granting(*access: Access) -> Architecture:
    return replace(BARQUE, access=tuple(replace(one, status=Status.BUILT) for one in access))


def _plan(*own: dict[str, Any]) -> Plan:
    """Return a plan with one role, one bucket and its key, which lets the role do anything."""
    whoever = {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": ROLE}}
    made: dict[str, dict[str, Any]] = {
        'module.iam.aws_iam_role.role["api"]': {"id": "r", "arn": ROLE},
        'module.iam.aws_iam_role_policy.role["api"]': {"role": "r", "policy": _document(*own)},
        'aws_kms_key.this["lake"]': {"arn": KEY, "policy": _document(whoever)},
        'aws_s3_bucket.this["lake"]': {"bucket": "lake"},
    }
    made = {
        address.replace("module.iam", "module.barque.module.iam"): v for address, v in made.items()
    }
    changes = [
        {
            "address": address,
            "type": next(word for word in address.split(".") if word.startswith("aws_")).split("[")[
                0
            ],
            "mode": "managed",
            "change": {"after": values},
        }
        for address, values in made.items()
    ]
    return {"resource_changes": changes}


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Statement": list(statements)})


def _allow(action: str, resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


READ_LAKE = Access(role="api", data="market", verb=Verb.READ)
READS = (_allow("s3:GetObject", f"{BUCKET}/*"), _allow("kms:Decrypt", KEY))


def test_a_grant_that_iam_gives_is_no_difference() -> None:
    assert list(differing_access(_granting(READ_LAKE), _plan(*READS))) == []


def test_a_grant_that_iam_does_not_give_is_found() -> None:
    words = [one.words for one in differing_access(_granting(READ_LAKE), _plan(READS[0]))]

    assert words == ["IAM does not let api read market, against the design."]


def test_what_iam_gives_without_a_grant_is_found() -> None:
    words = [one.words for one in differing_access(_granting(), _plan(*READS))]

    assert words == ["IAM lets api read market, against the design."]


def test_what_nobody_may_ever_do_is_asked_too() -> None:
    plan = _plan(_allow("s3:*", f"{BUCKET}/*"))

    said = {one.words for one in answers(_granting(), plan) if one.allowed}

    assert said == {"s3:DeleteObject", "s3:DeleteObjectVersion"}
