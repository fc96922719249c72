import pytest

from barque.telemetry import Family, Metrics

NAMES = [
    "barque_http_requests_total",
    "barque_http_request_duration_seconds",
    "barque_ws_connections",
    "barque_md_last_event_timestamp_seconds",
    "barque_intents_total",
    "barque_orders_total",
    "barque_fills_total",
    "barque_risk_block_total",
    "barque_equity",
    "barque_drawdown_ratio",
    "barque_journal_commit_seconds",
    "barque_signal_age_seconds",
    "barque_loop_lag_seconds",
]


@pytest.mark.parametrize("name", NAMES)
def test_the_operator_finds_every_promised_meter_under_its_name(name: str) -> None:
    text = Metrics().render().decode()

    assert f"# TYPE {name} " in text


def test_two_processes_worth_of_meters_never_share_a_number() -> None:
    one, other = Metrics(), Metrics()

    one.risk_blocks.labels(rule="PRICE_BAND").inc()

    assert 'barque_risk_block_total{rule="PRICE_BAND"} 1.0' in one.render().decode()
    assert "PRICE_BAND" not in other.render().decode()


def test_a_process_has_the_meters_of_what_it_does_alone() -> None:
    page, trader = Metrics([Family.SERVICE]).render(), Metrics([Family.TRADING]).render()

    assert b"barque_http_requests_total" in page
    assert b"barque_http" not in trader
    assert b"barque_fills_total" in trader
    assert b"barque_fills" not in page
    assert b"barque_loop_lag_seconds" in page
    assert b"barque_loop_lag_seconds" in trader
