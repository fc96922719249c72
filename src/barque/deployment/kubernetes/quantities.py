"""Amounts as Kubernetes writes them: `500m` cores, `768Mi` bytes."""

import re
from decimal import Decimal

SUFFIXES = {
    "m": Decimal("0.001"),
    "": Decimal(1),
    **{name: Decimal(1_000) ** power for power, name in enumerate(("k", "M", "G", "T", "P"), 1)},
    **{
        name: Decimal(1_024) ** power
        for power, name in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi"), 1)
    },
}
QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?)([A-Za-z]*)")


def quantity(written: object) -> Decimal | None:
    """Return the amount that is written, in cores, bytes or pieces; None for what is none."""
    found = QUANTITY.fullmatch(str(written))
    if found is None or found[2] not in SUFFIXES:
        return None
    return Decimal(found[1]) * SUFFIXES[found[2]]
