"""Which meters there are: those of the roles that are built, those of others, those planned."""

import re
from collections.abc import Iterator
from functools import cache

from barque.deployment.monitoring.promql import matched_labels, meters
from barque.telemetry import Metrics

SERIES_OF = re.compile(r"_(bucket|count|sum)$")
"""What follows the name of a histogram in its series."""

SCRAPED = frozenset({"job", "instance"})
"""Labels that every scraped series has."""

OTHERS: dict[str, frozenset[str]] = {
    "up": frozenset(),
    "scrape_duration_seconds": frozenset(),
    "ALERTS": frozenset({"alertname", "alertstate", "severity"}),
    "prometheus_rule_evaluation_failures_total": frozenset({"rule_group"}),
    "prometheus_config_last_reload_successful": frozenset(),
    "process_cpu_seconds_total": frozenset(),
    "process_max_fds": frozenset(),
    "process_open_fds": frozenset(),
    "process_resident_memory_bytes": frozenset(),
    "process_start_time_seconds": frozenset(),
    "prometheus_tsdb_head_series": frozenset(),
    "prometheus_tsdb_storage_blocks_bytes": frozenset(),
    "alertmanager_notifications_failed_total": frozenset({"integration", "reason"}),
    "alertmanager_notifications_total": frozenset({"integration"}),
}
"""Meters that are used and not ours: of Prometheus, of Alertmanager, of any Python process."""

PLANNED_METERS = frozenset(
    (
        "barque_audit_chain_ok",
        "barque_backup_last_success_timestamp_seconds",
        "barque_cost_month_usd",
        "barque_daily_loss_ratio",
        "barque_db_pool_wait_seconds",
        "barque_default_partition_rows",
        "barque_drawdown_limit_ratio",
        "barque_feature_null_ratio",
        "barque_fence_reject_total",
        "barque_fill_seconds",
        "barque_gross_exposure_ratio",
        "barque_inference_seconds",
        "barque_intents_unknown",
        "barque_job_queue_age_seconds",
        "barque_killswitch",
        "barque_lease_acquired_total",
        "barque_lease_renew_seconds",
        "barque_leases_held",
        "barque_leases_unowned",
        "barque_market_open",
        "barque_md_gaps_total",
        "barque_md_lag_seconds",
        "barque_md_reconnects_total",
        "barque_model_age_seconds",
        "barque_model_calibration_error",
        "barque_model_live_ic",
        "barque_model_psi",
        "barque_order_ack_seconds",
        "barque_order_reject_total",
        "barque_partition_premade_days",
        "barque_position_drift_notional",
        "barque_reconcile_age_seconds",
        "barque_replica_lag_seconds",
        "barque_restore_drill_rto_seconds",
        "barque_restore_drill_timestamp_seconds",
        "barque_slippage_bps",
        "barque_takeover_seconds",
        "barque_target_rto_seconds",
        "barque_unprotected_positions",
        "barque_ws_send_lag_seconds",
        "pg_database_xid_age",
        "pg_replication_lag_seconds",
        "pg_settings_max_connections",
        "pg_stat_activity_count",
        "pg_up",
        "pgbouncer_pools_client_waiting_connections",
        "redis_evicted_keys_total",
        "redis_up",
    )
)
"""Meters that a later role, or an exporter that no stack carries yet, will fill."""


@cache
def built_meters() -> dict[str, frozenset[str]]:
    """Return the series that the built roles show, with their labels."""
    return OTHERS | Metrics().series


def unknown_meters(expression: str, recorded: frozenset[str], *, planned: bool) -> Iterator[str]:
    """Say which meters and labels of an expression nobody has, in words.

    `recorded` are the names of recording rules; `planned` allows what is planned.
    """
    known = built_meters()
    for name in sorted(meters(expression) - known.keys() - recorded):
        if not {name, SERIES_OF.sub("", name)} & PLANNED_METERS:
            yield f"no role has the meter {name}."
        elif not planned:
            yield f"the meter {name} is planned: no role that is built fills it."
    for name, label in sorted(set(matched_labels(expression))):
        if name in known and label not in known[name] | SCRAPED:
            yield f"the meter {name} has no label {label}."
