"""Who takes part: this engine in its three styles, the peers, and the hand-written loop."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Why a row is in the table."""

    BARQUE = "this engine"
    PEER = "peer"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """One engine used in one way. Without an environment it runs in the product's own."""

    name: str
    role: Role
    module: str
    style: str
    environment: str | None = None
    note: str = ""


BARQUE_SIGNALS = Entrant(
    name="Barque, signals", role=Role.BARQUE, module="benchmarks.barque_engine", style="signals"
)
BARQUE_COMPILED = Entrant(
    name="Barque, compiled", role=Role.BARQUE, module="benchmarks.barque_engine", style="compiled"
)
BARQUE_PYTHON = Entrant(
    name="Barque, plain Python", role=Role.BARQUE, module="benchmarks.barque_engine", style="python"
)
NUMBA_LOOP = Entrant(
    name="hand-written loop",
    role=Role.LIMIT,
    module="benchmarks.numba_loop",
    style="loop",
    note="One Numba loop for this one rule: no orders, no risk, no ledger, no second instrument.",
)
RAPTORBT = Entrant(
    name="raptorbt, signals",
    role=Role.PEER,
    module="benchmarks.peers.raptorbt",
    style="signals",
    environment="raptorbt",
    note="Its array runs size by a share of equity; a lot of ten units makes that ten units.",
)
RAPTORBT_PYTHON = Entrant(
    name="raptorbt, Python",
    role=Role.PEER,
    module="benchmarks.peers.raptorbt",
    style="python",
    environment="raptorbt",
)
VECTORBT = Entrant(
    name="vectorbt, signals",
    role=Role.PEER,
    module="benchmarks.peers.vectorbt",
    style="signals",
    environment="vectorbt",
    note=(
        "Its means are floating point running sums: where the two means all but touch, "
        "rounding can move a trade."
    ),
)
VECTORBT_ORDERS = Entrant(
    name="vectorbt, order function",
    role=Role.PEER,
    module="benchmarks.peers.vectorbt",
    style="order function",
    environment="vectorbt",
    note=VECTORBT.note,
)
VNPY = Entrant(
    name="vnpy",
    role=Role.PEER,
    module="benchmarks.peers.vnpy",
    style="python",
    environment="vnpy",
    note=(
        "It has limit orders only; one a percent through the market fills at the next open. "
        "Its curve has one point a day."
    ),
)
BACKTESTING = Entrant(
    name="backtesting.py",
    role=Role.PEER,
    module="benchmarks.peers.backtesting",
    style="python",
    environment="backtesting",
)
BACKTRADER = Entrant(
    name="backtrader",
    role=Role.PEER,
    module="benchmarks.peers.backtrader",
    style="python",
    environment="backtrader",
)
NAUTILUS = Entrant(
    name="NautilusTrader",
    role=Role.PEER,
    module="benchmarks.peers.nautilus",
    style="python",
    environment="nautilus",
    note=(
        "A bar moves its market before the strategy sees it, so a market order fills at the same "
        "close. An order for more than a quarter of a bar's volume would fill in parts, a tick "
        "apart; the bars are given without volumes, so that orders fill whole as the rule says. "
        "It has no curve; the balances after each fill stand in for one."
    ),
)

ENTRANTS = (
    NUMBA_LOOP,
    BARQUE_COMPILED,
    BARQUE_SIGNALS,
    BARQUE_PYTHON,
    RAPTORBT,
    VECTORBT,
    VECTORBT_ORDERS,
    VNPY,
    BACKTESTING,
    RAPTORBT_PYTHON,
    NAUTILUS,
    BACKTRADER,
)
