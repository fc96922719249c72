"""The pictures of what a fill costs: fees and slippage as curves, each point a fill."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from barque.domain.costs import (
    BasisPoints,
    CostModels,
    Fee,
    MakerTaker,
    Percentage,
    PerContract,
    PerShare,
    Slippage,
    SquareRoot,
    Ticks,
    Tier,
    VolumeShare,
)
from barque.kernels import layout as at
from barque.strategies import Strategy
from docs.pictures.drawing import MARGIN, WIDTH, line, linear, path, picture, text, ticks
from docs.pictures.market import DOLLAR, Bar
from docs.pictures.stories import tell

RIGHT, FOOT, HEIGHT = 190, 40, 250


@dataclass(frozen=True, slots=True)
class Curve:
    """Points from left to right and what they are."""

    name: str
    kind: str
    points: Sequence[tuple[float, float]]


def pictures() -> Iterator[tuple[str, str]]:
    """Yield name and SVG of every picture."""
    yield "fees", _fees()
    yield "fee-tiers", _fee_tiers()
    yield "slippage", _slippage()


QUANTITIES = (1, 5, 10, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 250, 300, 350, 400)


def _fees() -> str:
    models: tuple[tuple[str, str, Fee], ...] = (
        ("0.03 % of the notional", "buy", Percentage(Decimal("0.0003"))),
        ("0.01 for each", "third", PerContract(Decimal("0.01"))),
        (
            "0.005 a share, 1 to 1 %",
            "sell",
            PerShare(each=Decimal("0.005"), minimum=Decimal(1), maximum=Decimal("0.01")),
        ),
    )
    curves = [
        Curve(name, kind, list(zip(QUANTITIES, _fees_of(fee), strict=True)))
        for name, kind, fee in models
    ]
    return _curves(
        "Fees of one fill, by its quantity",
        "Bought at 10.00. With a minimum of 1 and a maximum of 1 %, the maximum wins for the "
        "first ten shares, then the minimum holds up to 200.",
        curves, "shares bought at 10.00", "fee in money",
    )  # fmt: skip


def _fees_of(fee: Fee) -> list[float]:
    flat = Bar(10, 10, 10, 10)
    return [record[at.A5] / 10**8 for record in _fills(fee, BasisPoints(Decimal(0)), flat)]


def _fills(fee: Fee, slippage: Slippage, bar: Bar) -> list[list[int]]:
    asks = {
        k: (lambda strategy, quantity=quantity: strategy.buy(0, quantity))
        for k, quantity in enumerate(QUANTITIES)
    }
    market = [bar] * (len(QUANTITIES) + 1)
    story = tell(market, asks, costs=CostModels(fee=fee, slippage=slippage))
    return [row for row in story.records.tolist() if row[at.RECORD_KIND] == at.FILLED]


def _fee_tiers() -> str:
    fee = MakerTaker(
        maker=Decimal("0.0002"),
        taker=Decimal("0.0005"),
        tiers=(
            Tier(Decimal(50_000), Decimal("0.0001"), Decimal("0.0004")),
            Tier(Decimal(100_000), Decimal(0), Decimal("0.0003")),
            Tier(Decimal(150_000), Decimal("-0.0001"), Decimal("0.0002")),
        ),
    )

    def both(strategy: Strategy) -> None:
        strategy.buy(0, 50)
        strategy.buy(0, 50, limit=99.8)

    bars = 21
    market = [Bar(100, 100.5, 99.5, 100)] * bars
    story = tell(market, dict.fromkeys(range(bars - 1), both), costs=CostModels(fee=fee))
    traded = 0.0
    makers: list[tuple[float, float]] = []
    takers: list[tuple[float, float]] = []
    for row in story.records.tolist():
        if row[at.RECORD_KIND] == at.FILLED:
            worth = abs(row[at.A4])
            points = takers if row[at.A3] == 100 * DOLLAR else makers
            points.append((traded / 1_000, row[at.A5] / worth * 10_000))
            traded += worth / 10**8
    return _curves(
        "A fee by tiers: who trades more pays less",
        "Each point is a fill. A limit that is filled at its own price makes liquidity, "
        "everything else takes it. The tier counts the 30 days before; a rate below zero is a "
        "rebate.",
        [Curve("taker", "buy", takers), Curve("maker", "sell", makers)],
        "traded in the last 30 days, in thousands", "fee in basis points", steps=True,
    )  # fmt: skip


def _slippage() -> str:
    models: tuple[tuple[str, str, Slippage], ...] = (
        ("SquareRoot(0.01)", "buy", SquareRoot(Decimal("0.01"))),
        ("VolumeShare(0.1)", "sell", VolumeShare(Decimal("0.1"))),
        ("BasisPoints(10)", "third", BasisPoints(Decimal(10))),
        ("Ticks(25)", "faint", Ticks(25)),
    )
    flat = Bar(100, 100, 100, 100, volume=1_000)
    curves = []
    for name, kind, model in models:
        paid = [row[at.A3] / DOLLAR for row in _fills(Percentage(Decimal(0)), model, flat)]
        points = [
            (quantity / 10, (price / 100 - 1) * 10_000)
            for quantity, price in zip(QUANTITIES, paid, strict=True)
        ]
        curves.append(Curve(name, kind, points))
    return _curves(
        "Slippage: how far a taker's price moves against it",
        "A market order in a bar that opens at 100 and trades 1,000. Ticks and basis points do "
        "not ask how large the order is; the square root and the volume share do.",
        curves, "the order's share of the bar's volume, in %", "basis points of the price",
    )  # fmt: skip


def _curves(
    title: str,
    words: str,
    curves: Sequence[Curve],
    x_words: str,
    y_words: str,
    *,
    steps: bool = False,
) -> str:
    xs = [x for curve in curves for x, _ in curve.points]
    ys = [y for curve in curves for _, y in curve.points]
    low, high = min(0.0, *ys), max(ys) * 1.06
    left, right, bottom = MARGIN + 34, WIDTH - RIGHT, HEIGHT - FOOT
    x, y = linear(0, max(xs), left, right), linear(low * 1.06, high, bottom, 14)
    drawn = text(MARGIN, 2, y_words, "small")
    for tick in ticks(low, high):
        drawn += line(left, y(tick), right, y(tick), "rule")
        drawn += text(left - 8, y(tick) + 4, f"{tick:g}", "small", "end")
    for tick in ticks(0, max(xs), 8):
        drawn += text(x(tick), bottom + 16, f"{tick:g}", "small", "middle")
    drawn += text((left + right) / 2, bottom + 34, x_words, "small", "middle")
    for curve in curves:
        points = [(x(a), y(b)) for a, b in curve.points]
        dots = "".join(
            f'<circle class="dot" cx="{a:.1f}" cy="{b:.1f}" r="2.6"/>' for a, b in points
        )
        name = text(right + 12, points[-1][1] + 4, curve.name, "own")
        drawn += f'<g class="{curve.kind}">{path(points, "line", steps=steps)}{dots}{name}</g>'
    return picture(title, words, drawn, HEIGHT)
