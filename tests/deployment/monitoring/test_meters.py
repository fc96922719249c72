"""What may be asked for is what the built roles show."""

from barque.deployment.monitoring.meters import (
    OTHERS,
    PLANNED_METERS,
    built_meters,
    unknown_meters,
)
from barque.telemetry import Metrics


def said(expression: str, *, planned: bool = False, recorded: frozenset[str] = frozenset()) -> str:
    return " ".join(unknown_meters(expression, recorded, planned=planned))


def test_every_meter_of_the_roles_may_be_asked_for() -> None:
    for name in Metrics().series:
        assert said(f"rate({name}[5m])") == ""


def test_a_misspelt_meter_is_named() -> None:
    assert said("barque_fillz_total > 0") == "no role has the meter barque_fillz_total."


def test_a_misspelt_label_is_named() -> None:
    assert said('barque_fills_total{vanue="x"}') == (
        "the meter barque_fills_total has no label vanue."
    )


def test_a_planned_meter_is_for_planned_rules_alone() -> None:
    expression = "rate(barque_order_ack_seconds_bucket[5m])"

    assert "is planned" in said(expression)
    assert said(expression, planned=True) == ""


def test_what_is_recorded_may_be_asked_for() -> None:
    assert "no role has" in said("barque:reads:rate")
    assert said("barque:reads:rate", recorded=frozenset({"barque:reads:rate"})) == ""


def test_what_is_planned_is_not_built_as_well() -> None:
    assert not PLANNED_METERS & built_meters().keys()


def test_the_meters_of_processes_are_shown_by_every_role() -> None:
    text = Metrics([]).render().decode()

    for name in OTHERS:
        if name.startswith("process_"):
            assert f"# TYPE {name} " in text
