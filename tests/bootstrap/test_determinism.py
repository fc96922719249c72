"""Two runs that differ anywhere have different witnesses."""

from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from barque.bootstrap.determinism import witness
from barque.domain.instruments import Instrument, InstrumentKind
from barque.kernels import layout as at
from barque.research.result import Result

ACME = Instrument(
    id="ACME.XNAS", kind=InstrumentKind.EQUITY, currency="USD", price_digits=8, quantity_digits=0,
    tick=Decimal("0.01"), lot=Decimal(1),
)  # fmt: skip


@dataclass(frozen=True)
class Past:
    content_hash: str


FOUND = Result(
    strategy="Any", parameters={}, instruments=(ACME,), cash=Decimal(1), terms={},
    records=np.arange(3 * at.RECORD_WIDTH).reshape(3, at.RECORD_WIDTH),
    curve=np.arange(2 * at.CURVE_WIDTH).reshape(2, at.CURVE_WIDTH),
    events=2, source=Past("data"), code_version="1", wall_seconds=1.0,
    currency="USD", account=np.zeros(1, np.int64), rules=np.zeros((0, 1), np.int64),
)  # fmt: skip


def test_a_slower_run_has_the_same_witness():
    assert witness(FOUND) == witness(replace(FOUND, wall_seconds=2.0))


def test_one_unit_more_anywhere_is_another_witness():
    for name in ("records", "curve"):
        for place in np.ndindex(getattr(FOUND, name).shape):
            changed = getattr(FOUND, name).copy()
            changed[place] += 1

            assert witness(replace(FOUND, **{name: changed})) != witness(FOUND)


def test_other_data_are_another_witness():
    assert witness(replace(FOUND, source=Past("other"))) != witness(FOUND)
