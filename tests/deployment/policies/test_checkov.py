"""What checkov is given to read is what the code states, each object once."""

import json
from typing import Any

import pytest

from barque.deployment.kubernetes.manifests import read_manifests
from barque.deployment.policies.checkov import of_a_plan, of_manifests

BUCKET = {"type": "aws_s3_bucket", "name": "this", "mode": "managed"}
TWO = """kind: Service
apiVersion: v1
metadata: {name: api}
---
kind: Service
apiVersion: v1
metadata: {name: trader}
"""


def plan(address: str, values: dict[str, Any], stated: list[str]) -> dict[str, Any]:
    """A plan of one bucket in a module in a module; `address` is that of the inner one."""
    resource = {**BUCKET, "address": f"{address}.aws_s3_bucket.this", "values": values}
    inner = {"address": address, "resources": [resource]}
    code = {**BUCKET, "expressions": {name: {} for name in stated}}
    calls = {"barque": {"module": {"module_calls": {"lake": {"module": {"resources": [code]}}}}}}
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {
            "root_module": {
                "child_modules": [{"address": "module.barque", "child_modules": [inner]}]
            }
        },
        "resource_changes": [{"made up": True}],
        "configuration": {"root_module": {"module_calls": calls}},
    }


def read(text: str) -> dict[str, Any]:
    barque = json.loads(text)["planned_values"]["root_module"]["child_modules"][0]
    values: dict[str, Any] = barque["child_modules"][0]["resources"][0]["values"]
    return values


@pytest.mark.parametrize("key", ["", "[0]", '["eu-west-1a"]', '["a.b/c"]'])
def test_a_value_that_only_aws_knows_is_left_out_in_every_module(key: str) -> None:
    made_up = {"bucket": "lake", "kms_key_id": "s3_bucket-kms_key_id-0123456789"}

    text = of_a_plan(plan(f"module.barque.module.lake{key}", made_up, stated=["bucket"]))

    assert read(text) == {"bucket": "lake"}


def test_blocks_that_a_loop_makes_are_kept() -> None:
    values = {"rule": [{"status": "Enabled"}], "tags_all": {"Part": "lake"}}

    text = of_a_plan(plan("module.barque.module.lake", values, stated=[]))

    assert read(text) == values


def test_an_object_of_two_renderings_is_read_once() -> None:
    one, other = read_manifests("prod", TWO), read_manifests("prod (ingress)", TWO)

    documents = of_manifests([one, other]).split("\n---\n")

    assert [json.loads(text)["metadata"]["name"] for text in documents] == ["api", "trader"]
