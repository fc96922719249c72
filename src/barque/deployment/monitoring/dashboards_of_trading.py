"""Dashboards for whoever trades: the order path, accounts, market data, models, risk."""

from barque.deployment.monitoring.panels import Dashboard, Unit, panel, planned


def _quantiles(meter: str, by: str = "") -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the middle and the slowest hundredth of a histogram."""
    label = f", {by}" if by else ""
    legend = f" {{{{{by}}}}}" if by else ""
    rate = f"sum by (le{label}) (rate({meter}_bucket[5m]))"
    return (
        (f"histogram_quantile(0.5, {rate})", f"half{legend}"),
        (f"histogram_quantile(0.99, {rate})", f"99 %{legend}"),
    )


ORDER_PATH = Dashboard(
    "order_path",
    "Order path",
    "From a decision to a fill.",
    (
        panel("Orders sent", Unit.PER_SECOND, "Journalled to be sent, by venue and type.",
            ("sum by (venue, type) (rate(barque_intents_total[5m]))", "{{venue}} {{type}}")),
        panel("What became of orders", Unit.PER_SECOND, "Orders that reached a state.",
            ("sum by (state) (rate(barque_orders_total[5m]))", "{{state}}")),
        panel("Fills", Unit.PER_SECOND, "Fills received, by venue.",
            ("sum by (venue) (rate(barque_fills_total[5m]))", "{{venue}}")),
        panel("Refused by our own gate", Unit.PER_SECOND, "Orders that a limit stopped, by rule.",
            ("sum by (rule) (rate(barque_risk_block_total[5m]))", "{{rule}}")),
        panel("Commit of the journal", Unit.SECONDS, "One synced transaction: before every order.",
            *_quantiles("barque_journal_commit_seconds")),
        panel("Commits", Unit.PER_SECOND, "Transactions of the journal.",
            "sum(rate(barque_journal_commit_seconds_count[5m]))"),
        planned("Answer of the venue", Unit.SECONDS, "From an order sent to the venue's answer.",
            *_quantiles("barque_order_ack_seconds", "venue")),
        planned("Orders without an answer", Unit.COUNT, "Sent, and not known to live.",
            ("barque_intents_unknown", "{{venue}}")),
        planned("Rejected by the venue", Unit.PER_SECOND, "By reason.",
            ("sum by (venue, reason) (rate(barque_order_reject_total[5m]))",
                "{{venue}} {{reason}}")),
        planned("Slippage", Unit.COUNT, "Basis points against the mid at arrival.",
            ("barque_slippage_bps", "{{venue}}")),
    ),
)  # fmt: skip

ACCOUNTS = Dashboard(
    "accounts",
    "Accounts",
    "Who trades what, and whether it keeps up.",
    (
        panel("Equity", Unit.MONEY, "Cash and positions at the mark, by book.",
            ("barque_equity", "{{book}}")),
        panel("Events that wait", Unit.COUNT, "Told by the market and not decided on yet.",
            "max(barque_market_log_events) - max(barque_account_position_events)"),
        panel("Decided on", Unit.PER_SECOND, "Market events that the account took in.",
            ("sum by (book) (deriv(barque_account_position_events[5m]))", "{{book}}")),
        panel("The trader's last sign", Unit.SECONDS, "Its age, as the api reads it in the store.",
            ("time() - max by (feed) (barque_trader_sign_timestamp_seconds)", "{{feed}}")),
        planned("Leases", Unit.COUNT, "Accounts held, and accounts nobody holds.",
            ("sum(barque_leases_held)", "held"), ("max(barque_leases_unowned)", "unowned")),
        planned("Taken over", Unit.PER_SECOND, "Leases acquired, by cause.",
            ("sum by (cause) (rate(barque_lease_acquired_total[5m]))", "{{cause}}")),
        planned("Time to take over", Unit.SECONDS, "Without an owner, the slowest hundredth.",
            "histogram_quantile(0.99, sum by (le) (rate(barque_takeover_seconds_bucket[1h])))"),
        planned("Refused by the fence", Unit.COUNT, "Writes with a token that was replaced.",
            "sum(increase(barque_fence_reject_total[5m]))"),
    ),
)  # fmt: skip

MARKET_DATA = Dashboard(
    "market_data",
    "Market data",
    "Whether the market is heard.",
    (
        panel("Events told", Unit.PER_SECOND, "Market events written to the log.",
            ("sum by (feed) (deriv(barque_market_log_events[5m]))", "{{feed}}")),
        panel("Events in the log", Unit.COUNT, "All that was told so far.",
            ("barque_market_log_events", "{{feed}}")),
        panel("The market's time", Unit.MOMENT, "Of the newest event; in a replay it is the past.",
            ("max by (venue) (barque_md_last_event_timestamp_seconds) * 1000", "{{venue}}")),
        panel("The feed's last turn", Unit.SECONDS, "Its age; a feed that runs turns every second.",
            ("time() - max by (feed) (barque_feed_alive_timestamp_seconds)", "{{feed}}")),
        panel("What the feed does", Unit.COUNT, "1 for the phase that it is in.",
            ("max by (feed, phase) (barque_feed_phase) == 1", "{{feed}} {{phase}}")),
        planned("Delay of the venue", Unit.SECONDS, "From the venue's clock to ours.",
            ("max by (venue) (barque_md_lag_seconds)", "{{venue}}")),
        planned("Gaps", Unit.COUNT, "Events that were missed, by venue.",
            ("sum by (venue) (increase(barque_md_gaps_total[5m]))", "{{venue}}")),
        planned("Reconnects", Unit.COUNT, "Connections that had to be made anew.",
            ("sum by (venue) (increase(barque_md_reconnects_total[5m]))", "{{venue}}")),
    ),
)  # fmt: skip

MODELS = Dashboard(
    "models",
    "Models",
    "Whether predictions come in time, and are worth anything.",
    (
        panel("Age of signals", Unit.SECONDS, "From a bar's close to the signal in the journal.",
            *_quantiles("barque_signal_age_seconds")),
        panel("Signals", Unit.PER_SECOND, "Opinions that were formed and kept.",
            "sum(rate(barque_signal_age_seconds_count[5m]))"),
        panel("Signals older than five seconds", Unit.SHARE, "Of those in the last hour.",
            "barque:signal_age:error_ratio_rate1h"),
        planned("One prediction", Unit.SECONDS, "Of one model.",
            *_quantiles("barque_inference_seconds")),
        planned("Drift", Unit.COUNT, "Population stability of inputs; above 0.2 they changed.",
            ("max by (model) (barque_model_psi)", "{{model}}")),
        planned("Skill", Unit.COUNT, "Information coefficient, live.",
            ("barque_model_live_ic", "{{model}}")),
        planned("Calibration", Unit.COUNT, "How far probabilities are from what happens.",
            ("barque_model_calibration_error", "{{model}}")),
        planned("Age of models", Unit.SECONDS, "Since they were learned.",
            ("barque_model_age_seconds", "{{model}}")),
        planned("Missing features", Unit.SHARE, "Inputs that were not known.",
            ("max by (feature) (barque_feature_null_ratio)", "{{feature}}")),
    ),
)  # fmt: skip

RISK = Dashboard(
    "risk",
    "Risk and profit",
    "What was won and lost, and how near the limits are.",
    (
        panel("Equity", Unit.MONEY, "Cash and positions at the mark, by book.",
            ("barque_equity", "{{book}}")),
        panel("Drawdown", Unit.SHARE, "Lost since the highest equity this process has seen.",
            ("barque_drawdown_ratio", "{{book}}")),
        panel("Change of equity in an hour", Unit.MONEY, "Of our time, not the market's.",
            ("delta(barque_equity[1h])", "{{book}}")),
        panel("Refused by limits", Unit.COUNT, "Orders in the last hour, by rule.",
            ("sum by (rule) (increase(barque_risk_block_total[1h]))", "{{rule}}")),
        planned("Loss of the day", Unit.SHARE, "Against the day's limit.",
            ("barque_daily_loss_ratio", "{{book}}")),
        planned("Gross exposure", Unit.SHARE, "Of equity.",
            ("barque_gross_exposure_ratio", "{{book}}")),
        planned("Unprotected positions", Unit.COUNT, "No owner and no resting stop.",
            "max(barque_unprotected_positions)"),
        planned("Allowed loss used", Unit.SHARE, "At 1 the kill switch closes the book.",
            ("barque_drawdown_ratio / on (book) barque_drawdown_limit_ratio", "{{book}}")),
        planned("We and the venue", Unit.MONEY, "Largest difference of positions.",
            ("max by (venue) (barque_position_drift_notional)", "{{venue}}")),
    ),
)  # fmt: skip

TRADING = (ORDER_PATH, ACCOUNTS, MARKET_DATA, MODELS, RISK)
