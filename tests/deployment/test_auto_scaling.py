"""The scaling policy is read strictly, and what cannot be kept is refused in words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from barque.deployment.auto_scaling import PLACE, meters, read_scaling, violations
from barque.deployment.barque_on_aws import BARQUE
from barque.domain.errors import BadInput

Edit = Callable[[dict[str, Any]], object]


def edited(copy: Path, edit: Edit) -> Path:
    place = copy / PLACE
    document = yaml.safe_load(place.read_text())
    edit(document)
    place.write_text(yaml.safe_dump(document))
    return copy


def test_the_policy_of_the_checkout_is_sound(root: Path) -> None:
    assert violations(read_scaling(root), BARQUE) == []


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda d: d["roles"]["api"].update(bound={}), "unknown field `bound`"),
        (lambda d: d["roles"]["api"].pop("capacity"), "missing required field `capacity`"),
        (lambda d: d["roles"]["api"].update(ready_after="soon"), "Expected `int`"),
        (lambda d: d["roles"]["trader"]["vertical"].update(mode="Sometimes"), "Invalid enum"),
    ],
)
def test_what_cannot_be_read_is_bad_input(copy: Path, edit: Edit, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_scaling(edited(copy, edit))


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda d: d["roles"].update(ghost=d["roles"]["migrate"]), "is no role of the design"),
        (lambda d: d["roles"].pop("ingest"), "has no policy"),
        (lambda d: d["roles"]["api"]["bounds"].update(prod=[5, 2]), "0 ≤ least ≤ most"),
        (lambda d: d["roles"]["api"]["bounds"].pop("prod"), "bounds are needed for"),
        (lambda d: d["roles"]["api"]["schedules"][0].update(least=40), "wants 40 where 6"),
        (lambda d: d["roles"]["api"]["metrics"][0].update(target=0), "above 0 is needed"),
        (lambda d: d["roles"]["api"]["metrics"][0].update(target=60), "is a fraction"),
        (lambda d: d["roles"]["api"]["metrics"][2].pop("query"), "needs a query"),
        (
            lambda d: d["roles"]["api"]["metrics"][2].update(query="sum(barque_sockets)"),
            "a meter that Barque does not have",
        ),
        (lambda d: d["roles"]["api"]["up"].update(policies=[]), "at least one policy"),
        (lambda d: d["roles"]["api"]["up"]["policies"][0].update(replicas=1), "either"),
        (lambda d: d["roles"]["api"]["up"]["policies"][0].update(every=0), "more than 0"),
        (lambda d: d["roles"]["api"].update(capacity=0), "must be above 0"),
        (lambda d: d["roles"]["trader"].update(drains=False), "must be drained"),
        (
            lambda d: d["roles"]["trader"].update(metrics=[{"name": "cpu", "target": 0.5}]),
            "scaled both ways on cpu",
        ),
        (lambda d: d["roles"]["trader"]["vertical"].update(cpu=[2, 4]), "vertical bounds"),
        (lambda d: d["database"]["most"].update(prod=1), "more replicas than"),
    ],
)
def test_a_policy_that_cannot_be_kept_is_refused(copy: Path, edit: Edit, words: str) -> None:
    told = violations(read_scaling(edited(copy, edit)), BARQUE)

    assert any(words in one for one in told), told


def test_meters_are_named_as_queries_write_them() -> None:
    assert {
        "barque_ws_connections",
        "barque_http_requests_total",
        "barque_journal_commit_seconds_bucket",
    } <= meters()
