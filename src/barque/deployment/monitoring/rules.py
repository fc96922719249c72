"""Rule files as values: what is recorded, what is told to whom, and what the words say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from barque.deployment.check import Finding
from barque.deployment.monitoring.files import PLANNED, RULES, RUNBOOKS, SUFFIX, read_yaml

NOTHING: Mapping[str, object] = {}
SEVERITIES = ("page", "ticket")
ALWAYS = "Watchdog"
"""The alert that always fires: whoever stops hearing it knows that the alarms are broken."""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule as it is written: `record` or `alert` names it."""

    expr: str
    record: str | None = None
    alert: str | None = None
    pause: str | None = msgspec.field(name="for", default=None)
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rules that are evaluated together, in order."""

    name: str
    rules: tuple[Rule, ...]
    interval: str | None = None


class RuleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of a file."""

    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A rule and the file that it stands in, a path below the checkout."""

    rule: Rule
    where: Path

    @property
    def room(self) -> str:
        return self.where.name.removesuffix(SUFFIX)

    @property
    def planned(self) -> bool:
        return self.where.parent.name == PLANNED

    @property
    def alert(self) -> str:
        return self.rule.alert or ""

    @property
    def severity(self) -> str:
        return self.rule.labels.get("severity", "")


def rule_files(root: Path) -> list[Path]:
    """Return every rule file, loaded or planned, as paths below the checkout."""
    return [path.relative_to(root) for path in sorted((root / RULES).rglob(f"*{SUFFIX}"))]


def read_rules(root: Path, generated: Mapping[str, object] = NOTHING) -> list[Written]:
    """Return every rule of the checkout; BadInput for a file that cannot be read.

    `generated` are contents that stand before those of the files, by their paths.
    """
    files = {where: read_yaml(root / where, RuleFile) for where in rule_files(root)}
    files |= {Path(path): msgspec.convert(one, RuleFile) for path, one in generated.items()}
    return [
        Written(rule, where)
        for where, file in sorted(files.items())
        for group in file.groups
        for rule in group.rules
    ]


def alerts(written: list[Written]) -> list[Written]:
    """Return the rules that tell somebody."""
    return [one for one in written if one.rule.alert]


def records(written: list[Written]) -> list[Written]:
    """Return the rules that keep what they compute."""
    return [one for one in written if one.rule.record]


def labelled_wrongly(written: list[Written]) -> Iterator[Finding]:
    """Find alerts that nobody is told of, or in words that do not help."""
    for one in alerts(written):
        for words in _wrong(one):
            yield Finding(str(one.where), f"{one.alert}: {words}")


def _wrong(one: Written) -> Iterator[str]:
    labels, annotations = one.rule.labels, one.rule.annotations
    allowed = ("none",) if one.alert == ALWAYS else SEVERITIES
    if one.severity not in allowed:
        yield f"its severity is {one.severity or 'missing'}, allowed: {', '.join(allowed)}."
    if (labels.get("status") == PLANNED) != one.planned:
        yield f"`status: planned` belongs to what stands in {RULES / PLANNED}, and to nothing else."
    for key in ("summary", "description"):
        if not annotations.get(key):
            yield f"it has no {key}: say to a tired person what is wrong."
    page = str(RUNBOOKS / f"{one.alert}.md")
    if annotations.get("runbook_url") != page:
        yield f"its runbook_url is {annotations.get('runbook_url', 'missing')}, not {page}."
