"""Whether every alert leads to a page for a tired person, and every page to an alert."""

import re
from collections.abc import Iterator
from pathlib import Path

from barque.deployment.check import Finding
from barque.deployment.monitoring.files import RUNBOOKS
from barque.deployment.monitoring.rules import Written, alerts

HEADINGS = ("What it means", "Is money at risk", "First look", "Mend", "Escalate")
INTRODUCTION = "README.md"
SECTION = re.compile(r"^## (.+)\n+((?:(?!^## ).*\n?)*)", re.M)
LINK = re.compile(r"\]\((\w+\.md)\)")
SPARED = "**Planned.**"
"""How the page of a planned alert begins, so that nobody looks for what is not there."""


def runbook_findings(root: Path, written: list[Written]) -> Iterator[Finding]:
    """Find alerts without a whole page, pages without an alert, and links that lead nowhere."""
    pages = {path.name: path.read_text() for path in sorted((root / RUNBOOKS).glob("*.md"))}
    planned = {f"{one.alert}.md": one.planned for one in alerts(written)}
    for name in sorted(planned.keys() - pages.keys()):
        yield Finding(str(RUNBOOKS / name), "The alert has no runbook: write this page.")
    for name in sorted(pages.keys() - planned.keys() - {INTRODUCTION}):
        yield Finding(
            str(RUNBOOKS / name), "No alert leads here: remove the page or name its alert."
        )
    for name, text in pages.items():
        words = list(_links(text, pages))
        if name in planned:
            words += _page(name.removesuffix(".md"), text, planned=planned[name])
        yield from (Finding(str(RUNBOOKS / name), one) for one in words)


def _page(alert: str, text: str, *, planned: bool) -> Iterator[str]:
    if not text.startswith(f"# {alert}\n"):
        yield f"It does not begin with `# {alert}`."
    if (SPARED in text) != planned:
        yield f"{SPARED} belongs to the pages of planned alerts, and to no other."
    sections = {heading: body.strip() for heading, body in SECTION.findall(text)}
    if tuple(sections) != HEADINGS:
        yield f"Its headings are {', '.join(sections) or 'none'}; meant are {', '.join(HEADINGS)}."
    for heading in sections:
        if not sections[heading]:
            yield f"There is nothing under {heading!r}."


def _links(text: str, pages: dict[str, str]) -> Iterator[str]:
    for name in sorted(set(LINK.findall(text)) - pages.keys()):
        yield f"It leads to {name}, which does not exist."
