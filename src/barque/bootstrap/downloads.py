"""Market data from venues into the catalog."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from barque.bootstrap.home import Home
from barque.bootstrap.imports import kind_of_instrument
from barque.data.catalog import Catalog, Dataset
from barque.data.download.download import Download, Downloaded
from barque.data.download.missing import Span
from barque.data.download.sources import BarSource, Wanted, open_source, source_name
from barque.data.sessions import period_length
from barque.domain.errors import BadInput
from barque.domain.instruments import Instrument

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person wants downloaded; None is left to what is known or usual.

    `source` is who is asked and `url` where; `symbol` is the venue's own name of the instrument.
    `again` asks also where the venue had no answer before.
    """

    instruments: Sequence[str]
    period: str
    start: int
    end: int | None = None
    source: str | None = None
    symbol: str | None = None
    kind: str | None = None
    url: str | None = None
    again: bool = False

    def __post_init__(self) -> None:
        period_length(self.period)
        if not self.instruments or len(set(self.instruments)) < len(self.instruments):
            raise BadInput("Say which instruments, each once, with --instrument SYMBOL.VENUE.")
        if self.symbol is not None and len(self.instruments) > 1:
            raise BadInput("--symbol is the name of one instrument; download the others by itself.")
        if self.kind is not None:
            kind_of_instrument(self.kind)
        if self.url is not None and not re.fullmatch(r"https?://[^@\s]+", self.url):
            raise BadInput("--url begins with https:// or http:// and holds no user or password.")
        if self.end is not None and self.end <= self.start:
            raise BadInput("--to is not after --from; bars begin at --from and before --to.")


def download_bars(
    home: Home, question: Question, now: int, progress: Progress
) -> tuple[list[Downloaded], list[Dataset]]:
    """Bring the bars that the catalog has not into it; return what came and what there is now."""
    catalog = Catalog(home.catalog)
    sources: dict[str, BarSource] = {}
    came, there = [], []
    for instrument_id in question.instruments:
        name = question.source or source_name(instrument_id)
        source = sources.get(name) or open_source(name, question.url)
        sources[name] = source
        wanted = Wanted(instrument_id, question.symbol, question.kind)
        instrument = _instrument(catalog, source, wanted)
        download = Download(catalog, instrument, wanted, question.period, source, now, progress)
        found = download.run(_span(question, now), question.again)
        came.append(found)
        if not catalog.files(instrument, "bar", question.period):
            raise BadInput(
                f"{source.name} has no {question.period} bars of {instrument_id} in that time."
            )
        there.append(catalog.dataset(instrument, "bar", question.period))
    return came, there


def _span(question: Question, now: int) -> Span:
    return question.start, now if question.end is None else question.end


def _instrument(catalog: Catalog, source: BarSource, wanted: Wanted) -> Instrument:
    known = {one.id: one for one in catalog.instruments()}
    return known.get(wanted.instrument) or source.instrument(wanted)
