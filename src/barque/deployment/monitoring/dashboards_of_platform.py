"""Dashboards for whoever runs Barque: the overview, the service, capacity and cost."""

from barque.deployment.monitoring.panels import Dashboard, Unit, panel, planned

API = '{route=~"/api/.*"}'
ROLES = '{job=~"api|trader"}'

OVERVIEW = Dashboard(
    "overview",
    "Overview",
    "Is all well? What is promised, and what was kept of it.",
    (
        panel("Alarms", Unit.COUNT, "Those that fire; the watchdog always does.",
            ('count by (alertname, severity) (ALERTS{alertstate="firing"})',
                "{{alertname}} ({{severity}})")),
        panel("Who answers", Unit.COUNT, "Processes that Prometheus reaches, by role.",
            ("sum by (job) (up)", "{{job}}")),
        panel("Error budgets left", Unit.SHARE, "Of 30 days; below 0 a promise was broken.",
            ("barque:api_reads:error_budget_left_ratio", "reads of the API"),
            ("barque:signal_age:error_budget_left_ratio", "age of signals")),
        panel("Errors in the last hour", Unit.SHARE, "What went wrong, of what was promised.",
            ("barque:api_reads:error_ratio_rate1h", "reads of the API"),
            ("barque:signal_age:error_ratio_rate1h", "age of signals")),
        panel("Equity", Unit.MONEY, "Cash and positions at the mark, by book.",
            ("barque_equity", "{{book}}")),
        panel("What the feed does", Unit.COUNT, "1 for the phase that it is in.",
            ("max by (feed, phase) (barque_feed_phase) == 1", "{{feed}} {{phase}}")),
        panel("Versions", Unit.COUNT, "Processes by the version they run.",
            ("count by (job, version) (barque_build_info)", "{{job}} {{version}}")),
        planned("Protection", Unit.SHARE, "Time in which every position had an owner or a stop.",
            "1 - barque:protection:error_ratio_rate30d"),
    ),
)  # fmt: skip

SERVICE = Dashboard(
    "service",
    "Service",
    "The page, its API and its sockets.",
    (
        panel("Requests", Unit.PER_SECOND, "Answered, by route.",
            (f"sum by (route) (rate(barque_http_requests_total{API}[5m]))", "{{route}}")),
        panel("Answers by code", Unit.PER_SECOND, "5xx is ours, 4xx is the visitor's.",
            ("sum by (code) (rate(barque_http_requests_total[5m]))", "{{code}}")),
        panel("Time to answer", Unit.SECONDS, "Half, and the slowest hundredth.",
            (f"histogram_quantile(0.5, sum by (le) "
                f"(rate(barque_http_request_duration_seconds_bucket{API}[5m])))", "half"),
            (f"histogram_quantile(0.99, sum by (le) "
                f"(rate(barque_http_request_duration_seconds_bucket{API}[5m])))", "99 %")),
        panel("Open sockets", Unit.COUNT, "By process; 400 each is what the api is scaled for.",
            ("barque_ws_connections", "{{instance}}")),
        panel("Late wakings", Unit.SECONDS, "Of the event loop, the slowest hundredth.",
            ("histogram_quantile(0.99, "
                "sum by (le, job) (rate(barque_loop_lag_seconds_bucket[5m])))",
                "{{job}}")),
        panel("Errors of the store", Unit.COUNT, "In the last five minutes.",
            ("sum by (job, operation) (increase(barque_store_errors_total[5m]))",
                "{{job}} {{operation}}")),
        planned("Age of what sockets are told", Unit.SECONDS, "The slowest hundredth.",
            "histogram_quantile(0.99, sum by (le) (rate(barque_ws_send_lag_seconds_bucket[5m])))"),
    ),
)  # fmt: skip

CAPACITY = Dashboard(
    "capacity",
    "Capacity and cost",
    "What is used of what is rented.",
    (
        panel("CPU", Unit.COUNT, "Cores that a process keeps busy.",
            (f"rate(process_cpu_seconds_total{ROLES}[5m])", "{{job}} {{instance}}")),
        panel("Memory", Unit.BYTES, "Resident.",
            (f"process_resident_memory_bytes{ROLES}", "{{job}} {{instance}}")),
        panel("Disk left", Unit.SHARE, "Of the disk that holds the home.",
            ("barque_disk_free_bytes / barque_disk_size_bytes", "{{job}} {{instance}}")),
        panel("Open files", Unit.SHARE, "Of those that a process may open.",
            (f"process_open_fds{ROLES} / process_max_fds{ROLES}", "{{job}} {{instance}}")),
        panel("Running since", Unit.SECONDS, "How long each process has lived.",
            (f"time() - process_start_time_seconds{ROLES}", "{{job}} {{instance}}")),
        panel("Clocks", Unit.SECONDS, "How far from Prometheus's; a scrape takes a part of it.",
            ("barque_clock_timestamp_seconds - timestamp(barque_clock_timestamp_seconds)",
                "{{job}} {{instance}}")),
        panel("Series", Unit.COUNT, "What Prometheus keeps in memory.",
            "prometheus_tsdb_head_series"),
        panel("Time to scrape", Unit.SECONDS, "By target.",
            ("scrape_duration_seconds", "{{job}} {{instance}}")),
        planned("Cost of the month", Unit.MONEY, "So far.",
            "barque_cost_month_usd"),
        planned("Oldest job", Unit.SECONDS, "That waits in the queue, by kind.",
            ("max by (kind) (barque_job_queue_age_seconds)", "{{kind}}")),
        planned("Wait for the database", Unit.SECONDS, "For a connection, the slowest hundredth.",
            "histogram_quantile(0.99, sum by (le) (rate(barque_db_pool_wait_seconds_bucket[5m])))"),
        planned("Lag of replicas", Unit.SECONDS, "Behind the primary.",
            ("barque_replica_lag_seconds", "{{instance}}")),
    ),
)  # fmt: skip

PLATFORM = (OVERVIEW, SERVICE, CAPACITY)
