"""Market data into the catalog: the bundled sample, or somebody's own file."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from barque.bootstrap.home import Home
from barque.data.catalog import Catalog, Dataset
from barque.data.importing.importer import Prepared, import_sample, prepare_file
from barque.data.importing.shapes.reading import Said
from barque.domain.errors import BadInput, NotReady, UnknownName
from barque.domain.instruments import Instrument, InstrumentKind

_EQUITY = Instrument(
    id="ANY.XNAS",
    kind=InstrumentKind.EQUITY,
    currency="USD",
    price_digits=8,
    quantity_digits=0,
    tick=Decimal("0.01"),
    lot=Decimal(1),
    calendar="XNYS",
)
_COIN = Instrument(
    id="ANY.BINANCE",
    kind=InstrumentKind.SPOT,
    currency="USDT",
    price_digits=8,
    quantity_digits=8,
    tick=Decimal("0.01"),
    lot=Decimal("0.00001"),
)
IMPORT_HELP = "barque data import --help"

USUAL = {
    InstrumentKind.EQUITY: _EQUITY,
    InstrumentKind.SPOT: _COIN,
    InstrumentKind.PERPETUAL: replace(_COIN, kind=InstrumentKind.PERPETUAL),
    InstrumentKind.FX: replace(
        _EQUITY,
        id="ANY.FX",
        kind=InstrumentKind.FX,
        tick=Decimal("0.00001"),
        lot=Decimal(1000),
        calendar="24/5",
    ),
    InstrumentKind.FUTURE: replace(
        _EQUITY, id="ANY.CME", kind=InstrumentKind.FUTURE, calendar="24/5"
    ),
}
"""What an instrument of each kind is like, where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class InstrumentDescription:
    """What a person says of an instrument; None is left to what is known or usual.

    `expiry` is in nanoseconds UTC.
    """

    id: str | None
    kind: str | None = None
    currency: str | None = None
    calendar: str | None = None
    tick: Decimal | None = None
    lot: Decimal | None = None
    multiplier: Decimal | None = None
    margined: bool | None = None
    expiry: int | None = None

    def __post_init__(self) -> None:
        for name in ("tick", "lot", "multiplier"):
            number = getattr(self, name)
            if number is not None and number <= 0:
                raise BadInput(f"The {name} is {number}; a number above 0 is required.")

    @property
    def changes(self) -> dict[str, Any]:
        """What is said, by the names of an instrument's fields; its kind left out."""
        said = {name: value for name, value in asdict(self).items() if value is not None}
        said.pop("kind", None)
        if self.multiplier is not None:
            digits = max(0, -int(self.multiplier.normalize().as_tuple().exponent))
            said |= {
                "multiplier": int(self.multiplier.scaleb(digits)),
                "multiplier_digits": digits,
            }
        return said


def import_bundled(
    home: Home, sample: Path, progress: Callable[[str, int, int], None], now: int
) -> list[Dataset]:
    """Import the bundled sample. Doing it again changes nothing."""
    if not (sample / "datasets.toml").exists():
        raise NotReady(f"There is no sample in {sample}. Set BARQUE_SAMPLE to its folder.")

    def told(_: str, done: int, total: int) -> None:
        progress("Importing the sample", done, total)

    return import_sample(Catalog(home.catalog), sample, told, now=now)


def understood_bars(
    home: Home, file: Path, what: InstrumentDescription, said: Said, now: int
) -> Prepared:
    """Read and examine one file of bars of the instrument described; write nothing."""
    return prepare_file(file, instrument(Catalog(home.catalog), what), said, now=now)


def import_bars(home: Home, bars: Prepared) -> list[Dataset]:
    """Write what was read of a file into the catalog."""
    return Catalog(home.catalog).write(bars.instrument, bars.tables)


def instrument(catalog: Catalog, what: InstrumentDescription) -> Instrument:
    """Return the instrument described: as the catalog knows it, or as usual for its kind."""
    if what.id is None:
        raise BadInput("Say which instrument these bars are of, with --instrument SYMBOL.VENUE.")
    known = {one.id: one for one in catalog.instruments()}
    base = known.get(what.id) if what.kind is None else USUAL[kind_of_instrument(what.kind)]
    if base is None:
        kinds = ", ".join(InstrumentKind)
        raise BadInput(f"{what.id} is not in the catalog; say what it is with --kind: {kinds}.")
    return replace(base, **what.changes)


def kind_of_instrument(name: str) -> InstrumentKind:
    """Return a kind by its name; UnknownName if there is none such."""
    if name not in set(InstrumentKind):
        raise UnknownName("kind of instrument", name, map(str, InstrumentKind), IMPORT_HELP)
    return InstrumentKind(name)
