import json
from dataclasses import replace
from pathlib import Path

import pytest

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.check import repository
from barque.deployment.cloud_architecture import Access, Status, Verb, violations
from barque.deployment.generated import HEADER
from barque.deployment.terraform_config import inputs, render_terraform

ROOT = repository(Path(__file__).parent)
PROD = BARQUE.environment("prod")


def built(access: Access) -> Access:
    return replace(access, status=Status.BUILT)


def test_every_environment_has_its_inputs_and_they_say_who_wrote_them() -> None:
    texts = render_terraform(BARQUE, ROOT)

    names = {Path(path).parent.name for path in texts}
    assert names == {environment.name for environment in BARQUE.environments}
    assert all(json.loads(text)["design"]["generated"] == HEADER for text in texts.values())


def test_the_checkout_holds_what_is_rendered() -> None:
    texts = render_terraform(BARQUE, ROOT)

    assert {path: (ROOT / path).read_text() for path in texts} == texts


def test_planned_parts_edges_roles_and_rights_are_not_rendered() -> None:
    design = inputs(BARQUE, PROD, ROOT)

    planned = {part.name for part in BARQUE.parts if part.status is Status.PLANNED}
    assert planned
    assert not planned & design["parts"].keys()
    assert not planned & design["roles"].keys()
    assert not [one for one in design["edges"] if planned & {one["source"], one["target"]}]
    assert design["roles"]["api"]["grants"] == design["roles"]["trader"]["grants"] == []


def test_rights_are_rendered_once_they_are_built() -> None:
    architecture = replace(BARQUE, access=tuple(built(one) for one in BARQUE.access))

    roles = inputs(architecture, PROD, ROOT)["roles"]

    assert roles["api"]["grants"] == [
        {"data": "market", "verb": "read"},
        {"data": "credentials", "verb": "seal"},
    ]
    assert {"data": "credentials", "verb": "open"} in roles["trader"]["grants"]


def test_who_stands_in_for_another_knows_its_name() -> None:
    design = inputs(BARQUE, BARQUE.environment("dr"), ROOT)

    assert design["stands_in_for_domain"] == PROD.domain
    assert inputs(BARQUE, PROD, ROOT)["stands_in_for_domain"] is None
    assert inputs(BARQUE, PROD, ROOT)["copied_to"] == BARQUE.environment("dr").region


def test_only_machines_without_a_cluster_are_told_how_to_grow() -> None:
    assert inputs(BARQUE, PROD, ROOT)["scaling"] == []
    assert {"api"} == {
        rule["role"] for rule in inputs(BARQUE, BARQUE.environment("small"), ROOT)["scaling"]
    }


@pytest.mark.parametrize(
    ("access", "words"),
    [
        (Access(role="api", data="credentials", verb=Verb.OPEN), "owns no accounts"),
        (Access(role="trader", data="credentials", verb=Verb.SEAL), "both seal and open"),
        (Access(role="sandbox", data="market", verb=Verb.READ), "strangers' code"),
        (Access(role="cook", data="market", verb=Verb.READ), "no such role"),
        (Access(role="api", data="gossip", verb=Verb.READ), "no such data"),
    ],
)
def test_rights_that_must_not_be_are_said(access: Access, words: str) -> None:
    architecture = replace(BARQUE, access=(*BARQUE.access, access))

    assert [one for one in violations(architecture) if words in one]
