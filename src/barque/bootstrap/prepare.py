"""What must be there before an account can trade: the market, a model, and its test."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from barque.bootstrap.demonstration import Demonstration, midnight
from barque.bootstrap.home import Home
from barque.data.catalog import Catalog
from barque.data.events.stream import EventStream, catalog_events
from barque.data.importing.importer import described, import_sample
from barque.domain.errors import NotReady
from barque.domain.instruments import Instrument, InstrumentKind
from barque.models.files import schedule_from_bytes, schedule_to_bytes
from barque.models.lightgbm_learner import LightGbmLearner
from barque.models.schedule import ModelSchedule
from barque.research.backtest import backtest
from barque.research.result import Result
from barque.research.walk_forward import walk_forward
from barque.strategies.learned import Learned

Progress = Callable[[str, int, int], None]
"""Told (stage, done, total) now and then."""


@dataclass(frozen=True, slots=True)
class Market:
    """The instruments of a demonstration and where their past lies."""

    catalog: Catalog
    instruments: tuple[Instrument, ...]
    demo: Demonstration

    def events(self, begin: int | None = None, end: int | None = None) -> EventStream:
        """Return the events with begin ≤ ts < end."""
        ids = [instrument.id for instrument in self.instruments]
        return catalog_events(self.catalog, ids, self.demo.period, begin, end)

    def history(self) -> EventStream:
        """Return what a strategy remembers when trading begins."""
        return self.events(midnight(self.demo.history_from), midnight(self.demo.train_until))

    def replay(self) -> EventStream:
        """Return what the feed tells: the history and then the period that is traded."""
        return self.events(midnight(self.demo.history_from))


def import_market(home: Home, sample: Path, demo: Demonstration, progress: Progress) -> Market:
    """Import the bundled sample unless it was imported whole, and return its market."""
    description = sample / "datasets.toml"
    if not description.exists():
        raise NotReady(
            f"There is no sample in {sample}. Run this in a clone of the repository, or name the "
            "folder with BARQUE_SAMPLE."
        )
    catalog, wanted = Catalog(home.catalog), hashlib.sha256(description.read_bytes()).hexdigest()
    imported = home.root / "sample-imported"
    if not imported.exists() or imported.read_text() != wanted:
        import_sample(
            catalog,
            sample,
            lambda _, done, total: progress("Import the sample", done, total),
            now=time.time_ns(),
        )
        write_whole(imported, wanted.encode())
    return Market(catalog, _equities(catalog, sample, demo), demo)


def _equities(catalog: Catalog, sample: Path, demo: Demonstration) -> tuple[Instrument, ...]:
    """Return the sample's shares of the demonstration's currency, by id."""
    ids = [
        f"{symbol}.{one.venue}"
        for one in described(sample)
        if one.kind == InstrumentKind.EQUITY and one.currency == demo.currency
        for symbol in one.symbols
    ]
    return tuple(catalog.instrument(one) for one in sorted(ids))


def learn(home: Home, market: Market, progress: Progress) -> ModelSchedule:
    """Return the models learned walk-forward up to `train_until`; train them if there are none."""
    demo, file = market.demo, model_file(home, market.demo)
    if file.exists():
        return schedule_from_bytes(file.read_bytes())
    learned = walk_forward(
        market.events(end=midnight(demo.train_until)),
        market.instruments,
        demo.features,
        horizon=demo.horizon,
        folds=demo.folds,
        train_until=midnight(demo.train_until),
        learner=LightGbmLearner(seed=demo.seed),
        progress=lambda done, total: progress("Learn walk-forward", done, total),
    )
    write_whole(file, schedule_to_bytes(learned.schedule))
    return learned.schedule


def test_learned(market: Market, schedule: ModelSchedule, progress: Progress) -> Result:
    """Backtest the learned strategy where its models had not been: from the first one on."""
    demo = market.demo
    return backtest(
        Learned().taught(demo.features, schedule),
        market.events(schedule.usable_from[0], midnight(demo.train_until)),
        **demo.terms.arguments,
        progress=lambda done, total: progress("Backtest out of sample", done, total),
    )


def model_file(home: Home, demo: Demonstration) -> Path:
    """Return where the models of a demonstration are kept."""
    return home.models / f"{demo.feed}.safetensors"


def write_whole(file: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_bytes(content)
    part.replace(file)
