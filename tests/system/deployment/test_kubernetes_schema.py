"""What is declared to Kubernetes is held against the real schemas; it needs the tools installed."""

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.kubernetes.manifests import Manifests
from barque.deployment.kubernetes.rendering import Variant, render_variants
from barque.deployment.kubernetes.schemas import schema_findings
from barque.deployment.kubernetes_deployment import schemas_fit

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[3]


def _misspell(body: Any) -> None:
    body["spec"]["replicaz"] = body["spec"].pop("replicas", 2)


def _mistype(body: Any) -> None:
    body["spec"]["replicas"] = "two"


def _forget(body: Any) -> None:
    del body["spec"]["selector"]


def _invent(body: Any) -> None:
    body["kind"] = "Fleet"


def _outgrow(body: Any) -> None:
    body["apiVersion"] = "apps/v1beta1"


def test_every_rendering_fits_the_schemas() -> None:
    assert schemas_fit(ROOT) == []


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (_misspell, "replicaz"),
        (_mistype, "is not of type 'integer'"),
        (_forget, "'selector' is a required property"),
        (_invent, "No schema is known for apps/v1 Fleet"),
        (_outgrow, "No schema is known for apps/v1beta1 Deployment"),
    ],
)
def test_an_object_that_kubernetes_would_refuse_is_found(
    edit: Callable[[Any], None], words: str
) -> None:
    (whole,) = render_variants(ROOT, [Variant("prod")])
    assert isinstance(whole, Manifests)
    api = next(one for one in whole.of("Deployment") if one.name == "api")
    body = copy.deepcopy(api.body)
    edit(body)

    found = list(
        schema_findings([replace(whole, all=(replace(api, body=body),))], BARQUE.kubernetes, ROOT)
    )

    assert len(found) == 1
    assert found[0].where == "prod: Deployment/api"
    assert words in found[0].words
