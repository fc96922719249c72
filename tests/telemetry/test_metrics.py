import shutil
import time
from pathlib import Path

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
    "barque_trader_sign_timestamp_seconds",
    "barque_feed_alive_timestamp_seconds",
    "barque_feed_phase",
    "barque_market_log_events",
    "barque_account_position_events",
    "barque_store_errors_total",
    "barque_build_info",
    "barque_disk_free_bytes",
    "barque_disk_size_bytes",
    "barque_clock_timestamp_seconds",
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


def test_the_series_of_a_role_are_those_that_it_shows() -> None:
    metrics = Metrics([Family.TRADING])
    metrics.fills.labels(venue="XNYS").inc()
    metrics.journal_commit_seconds.observe(0.01)

    shown = {
        (sample.name, frozenset(sample.labels))
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name.startswith("barque_") and not sample.name.endswith("_created")
    }

    assert shown <= set(metrics.series.items())
    assert ("barque_fills_total", frozenset({"venue"})) in shown
    assert "barque_ws_connections" not in metrics.series


def test_the_disk_is_measured_before_its_folder_exists(tmp_path: Path) -> None:
    metrics = Metrics()

    metrics.watch_disk(tmp_path / "not" / "yet")

    free = metrics.registry.get_sample_value("barque_disk_free_bytes")
    size = metrics.registry.get_sample_value("barque_disk_size_bytes")
    assert free is not None
    assert size == shutil.disk_usage(tmp_path).total
    assert 0 < free <= size


def test_the_clock_is_read_at_the_scrape() -> None:
    metrics = Metrics()

    first = metrics.registry.get_sample_value("barque_clock_timestamp_seconds")
    second = metrics.registry.get_sample_value("barque_clock_timestamp_seconds")

    assert first is not None
    assert second is not None
    assert time.time() - 5 < first < second


def test_the_build_has_a_name() -> None:
    metrics = Metrics()

    metrics.name_build("1.2.3")

    assert 'version="1.2.3"' in metrics.render().decode()


def test_a_process_has_the_meters_of_what_it_does_alone() -> None:
    page, trader = Metrics([Family.SERVICE]).render(), Metrics([Family.TRADING]).render()

    assert b"barque_http_requests_total" in page
    assert b"barque_http" not in trader
    assert b"barque_fills_total" in trader
    assert b"barque_fills" not in page
    assert b"barque_loop_lag_seconds" in page
    assert b"barque_loop_lag_seconds" in trader
