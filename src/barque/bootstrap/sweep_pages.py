"""A sweep as a picture, and as a section of the report of the point that was chosen."""

from collections.abc import Callable
from pathlib import Path

from barque.bootstrap.answers import write_report
from barque.bootstrap.home import Home
from barque.bootstrap.sweeps import Swept
from barque.data.files import write_all
from barque.domain.errors import NotReady
from barque.research.report import Section
from barque.research.sweep.picture import section, svg

Progress = Callable[[str, int, int], None]


def write_picture(found: Swept, file: Path) -> Path:
    """Write what the points came to as an SVG of its own."""
    drawn = svg(found.space, found.ranking, found.is_refused, found.chosen).encode()
    write_all({file: lambda out: out.write(drawn)})
    return file


def write_sweep_report(home: Home, found: Swept, file: Path | None, progress: Progress) -> Path:
    """Write the page of the chosen point, with the sweep that it was chosen by."""
    answer = found.record.answer
    if answer is None:
        raise NotReady(
            f"Sweep {found.record.id} is not finished. Give the same command again to go on."
        )
    place = file or home.reports / f"sweep-{found.record.id}.html"
    words = section(found.space, found.ranking, found.is_refused, answer)
    sections = (Section("How it was chosen", words),)
    return write_report(home, answer["runs"][0], place, progress, sections)
