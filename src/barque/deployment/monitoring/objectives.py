"""What Barque promises (deploy/monitoring/slo.yaml), compiled to recording rules and alerts.

An alert fires on how fast the error budget burns, over a long window and a short one at once
(Beyer et al., *The Site Reliability Workbook*, 2018, chapter 5, "Multiwindow, Multi-Burn-Rate
Alerts"): the long one says that it matters, the short one that it still goes on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from barque.deployment.monitoring.files import MONITORING, PLANNED, RULES, RUNBOOKS, read_yaml
from barque.domain.errors import BadInput

PLACE = MONITORING / "slo.yaml"
HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0}
SHORTEST, SAMPLED = "5m", "15s"
"""The window that an objective in time is looked at in, and how densely."""

LONG_HOURS = 24
LONG_INTERVAL = "2m"

Rule = dict[str, object]
Contents = dict[str, dict[str, list[dict[str, object]]]]
"""What stands in rule files, by their paths."""


@dataclass(frozen=True, slots=True)
class Burn:
    """Tell somebody when `spent` of the period's budget goes within the `long` window."""

    severity: str
    short: str
    long: str
    spent: float

    def factor(self, period: str) -> float:
        """Return how many times too fast that is."""
        return round(self.spent * hours(period) / hours(self.long), 6)


BURNS = (
    Burn("page", "5m", "1h", 0.02),
    Burn("page", "30m", "6h", 0.05),
    Burn("ticket", "2h", "1d", 0.10),
    Burn("ticket", "6h", "3d", 0.10),
)
COUNTED = {"page": "1h", "ticket": "1d"}
"""Where `least_events` must have happened, by severity."""


class Objective(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One promise: of all events (or of all time) a fraction `objective` is good."""

    name: str
    alert: str
    words: str
    objective: float
    status: Literal["built", "planned"] = "built"
    all: str | None = None
    bad: str | None = None
    good: str | None = None
    bad_while: str | None = None
    least_events: int = 0

    @property
    def spoken(self) -> str:
        return self.name.replace("_", " ")

    @property
    def budget(self) -> float:
        """The fraction that may be bad."""
        return round(1 - self.objective, 9)

    def errors(self, window: str) -> str:
        """Return the expression of the fraction that was bad in a window."""
        if self.bad_while:
            return self._time(self.bad_while, window)
        everything = f"(sum(rate({_in(self.all, window)})) > 0)"
        if self.bad:
            return f"(sum(rate({_in(self.bad, window)})) or vector(0))\n/ {everything}"
        return f"1 - sum(rate({_in(self.good, window)}))\n/ {everything}"

    def _time(self, bad_while: str, window: str) -> str:
        """Return the share of a window that was bad; long windows average what is recorded."""
        if window == SHORTEST:
            return f"avg_over_time(({bad_while})[{window}:{SAMPLED}])"
        return f"avg_over_time({self.recorded(SHORTEST)}[{window}])"

    def recorded(self, window: str) -> str:
        """Return the name under which that fraction is recorded."""
        return f"barque:{self.name}:error_ratio_rate{window}"


class Objectives(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of slo.yaml."""

    period: str
    objectives: tuple[Objective, ...]


def read_objectives(root: Path) -> Objectives:
    """Read the promises of a checkout; BadInput says what cannot be used."""
    found = read_yaml(root / PLACE, Objectives)
    for one in found.objectives:
        events = one.all is not None and (one.bad is None) != (one.good is None)
        if not 0 < one.objective < 1 or events == (one.bad_while is not None):
            raise BadInput(
                f"{PLACE}: {one.name} needs an `objective` between 0 and 1, and either `all` with "
                "one of `bad` and `good`, or `bad_while`."
            )
    return found


def objective_rules(root: Path) -> Contents:
    """Return the contents of the rule files, by their paths."""
    found = read_objectives(root)
    files: Contents = {}
    for status, folder in (("built", RULES), ("planned", RULES / PLANNED)):
        chosen = [one for one in found.objectives if one.status == status]
        groups = [group for one in chosen for group in _groups(one, found)]
        if groups:
            files[str(folder / "slo.rules.yaml")] = {"groups": groups}
    return files


def windows(period: str) -> list[str]:
    """Return every window that is recorded, the shortest first, the period last."""
    used = {window for burn in BURNS for window in (burn.short, burn.long)}
    return [*sorted(used, key=hours), period]


def hours(window: str) -> float:
    """Return how long a window of Prometheus is: `5m`, `6h`, `30d`."""
    return int(window[:-1]) * HOURS[window[-1]]


def _groups(one: Objective, found: Objectives) -> Iterator[dict[str, object]]:
    """Yield the quick windows with the alerts, and apart what reads days of samples."""
    records = {w: {"record": one.recorded(w), "expr": one.errors(w)} for w in windows(found.period)}
    quick = [record for window, record in records.items() if hours(window) < LONG_HOURS]
    long = [record for window, record in records.items() if hours(window) >= LONG_HOURS]
    left = f"1 - {one.recorded(found.period)} / {one.budget}"
    long.append({"record": f"barque:{one.name}:error_budget_left_ratio", "expr": left})
    yield {"name": f"slo-{one.name}", "rules": [*quick, *_alerts(one, found)]}
    yield {"name": f"slo-{one.name}-long", "interval": LONG_INTERVAL, "rules": long}


def _alerts(one: Objective, found: Objectives) -> Iterator[Rule]:
    for severity in COUNTED:
        burns = [burn for burn in BURNS if burn.severity == severity]
        status = {} if one.status == "built" else {"status": one.status}
        yield {
            "alert": one.alert,
            "expr": _burning(one, burns, found.period) + _enough(one, COUNTED[severity]),
            "for": "1m",
            "labels": {"severity": severity, "objective": one.name} | status,
            "annotations": {
                "summary": f"The error budget of {one.spoken} burns too fast",
                "description": (
                    f"Promised for {100 * one.objective:g} % over {found.period}: {one.words}. "
                    f"In the last {' or '.join(burn.long for burn in burns)} too much went wrong."
                ),
                "runbook_url": str(RUNBOOKS / f"{one.alert}.md"),
            },
        }


def _burning(one: Objective, burns: list[Burn], period: str) -> str:
    """Return when one of the burns is seen in its short and in its long window."""
    lines = " or\n".join(
        f"  {one.recorded(burn.short)} > {burn.factor(period):g} * {one.budget}"
        f" and {one.recorded(burn.long)} > {burn.factor(period):g} * {one.budget}"
        for burn in burns
    )
    return f"(\n{lines}\n)"


def _enough(one: Objective, window: str) -> str:
    if not one.least_events:
        return ""
    return f"\nand sum(increase({_in(one.all, window)})) >= {one.least_events}"


def _in(selector: str | None, window: str) -> str:
    return f"{selector}[{window}]"
