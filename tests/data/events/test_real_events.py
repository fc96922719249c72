"""Real ticks, quotes, bid and ask bars and funding, from BARQUE_TEST_DATA, through the engine."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl

from barque.data.events import parts
from barque.data.events.aggregation import TimeBars, build_bars
from barque.data.events.stream import EventStream, events_of
from barque.data.kinds import ASK_PRICES, BID_PRICES
from barque.domain.events import EventFlag, EventKind
from barque.domain.instruments import Instrument, InstrumentKind
from barque.engine.engine import Engine
from barque.kernels import layout as at
from barque.strategies import Strategy, compiled
from tests.data.builders import MINUTE, share

HOUR = 60 * MINUTE


@compiled
class Hear(Strategy):
    """Counts what it is told."""

    def on_start(self) -> None:
        self.trades = self.quotes = self.quote_bars = self.bars = self.built = self.funded = 0
        self.paid = 0.0

    def on_trade(self, trade: object) -> None:
        self.trades += 1

    def on_quote(self, quote: object) -> None:
        self.quotes += 1

    def on_quote_bar(self, bid: object, ask: object) -> None:
        self.quote_bars += 1

    def on_bar(self, bar: object) -> None:
        self.bars += 1

    def on_built_bar(self, bar: object, rule: int) -> None:
        self.built += 1

    def on_funding(self, instrument: int, rate: float) -> None:
        self.funded += 1
        self.paid += rate


def heard(stream: EventStream) -> tuple[Hear, Engine]:
    strategy = Hear()
    engine = Engine(strategy, stream.instruments, cash=Decimal(1_000_000))
    for chunk in stream:
        engine.process(chunk)
    return strategy, engine


def listed(symbol: str, kind: InstrumentKind, **changes: object) -> Instrument:
    fields: dict[str, object] = {
        "id": f"{symbol}.REAL", "kind": kind, "currency": "USD", "price_digits": 8,
        "quantity_digits": 0, "tick": Decimal("0.01"), "lot": Decimal(1),
    }  # fmt: skip
    return Instrument(**fields | changes)  # type: ignore[arg-type]  # a table of fields


def prices_of(frame: pl.DataFrame, *names: str) -> dict[str, np.ndarray]:
    return {name: frame[name].cast(pl.Float64).to_numpy() for name in names}


def times_of(frame: pl.DataFrame) -> np.ndarray:
    return frame["timestamp"].dt.timestamp("ns").to_numpy()


def test_every_print_of_two_shares_is_told_and_their_minutes_are_those_of_polars(
    test_data: Path,
) -> None:
    frames = [
        pl.read_parquet(test_data / f"ticks/equity_trades_{name}.parquet")
        for name in ("BAC", "SPY")
    ]
    both = [share("BAC"), share("SPY")]
    prints = [
        parts.trades(
            one, ts=times_of(frame), size=frame["size"].to_numpy(), **prices_of(frame, "price")
        )
        for one, frame in zip(both, frames, strict=True)
    ]

    stream = events_of(both, prints, built=[TimeBars("1m", outside=True)])
    strategy, engine = heard(stream)

    assert strategy.trades == 573_620 + 250_601
    last = [int(one.columns["price"][-1] * 10**8 + 0.5) for one in prints]
    assert engine.state.instruments[:, at.LAST].tolist() == last
    for index, frame in enumerate(frames):
        built = build_bars(
            [events_of([both[index]], [prints[index]]).array()],
            both[index],
            TimeBars("1m", outside=True),
        )
        minutes = frame.group_by(pl.col("timestamp").dt.truncate("1m"), maintain_order=True).agg(
            pl.col("price").first().alias("open"), pl.col("price").max().alias("high"),
            pl.col("price").min().alias("low"), pl.col("price").last().alias("close"),
            pl.col("size").sum(),
        )[: len(built)]  # fmt: skip
        assert len(built) > 800
        np.testing.assert_array_equal(built[:, at.START], times_of(minutes))
        for name, column in (
            ("open", at.OPEN),
            ("high", at.HIGH),
            ("low", at.LOW),
            ("close", at.CLOSE),
        ):
            np.testing.assert_array_equal(built[:, column] / 10**8, minutes[name].to_numpy())
        np.testing.assert_array_equal(built[:, at.VOLUME], minutes["size"].to_numpy())


def test_quotes_of_one_exchange_are_told_with_their_missing_sides(test_data: Path) -> None:
    frame = pl.read_parquet(test_data / "ticks/equity_quotes_BAC.parquet")
    # A row tells one side of one exchange: the other is what it was.
    sides = ("bid", "bid_size", "ask", "ask_size")
    kept = [pl.when(pl.col(name) > 0).then(pl.col(name)).forward_fill() for name in sides]
    frame = frame.filter(pl.col("exchange") == "P").with_columns(kept).fill_null(0)
    frame = frame.filter((pl.col("bid") <= pl.col("ask")) | (pl.col("ask") == 0))
    sizes = {name: frame[name].to_numpy() for name in ("bid_size", "ask_size")}
    quotes = parts.quotes(
        share("BAC"), ts=times_of(frame), **prices_of(frame, "bid", "ask"), **sizes
    )

    stream = events_of([share("BAC")], [quotes])
    strategy, engine = heard(stream)

    rows = stream.array()
    half = (rows[:, at.QUOTE_BID] == 0) | (rows[:, at.QUOTE_ASK] == 0)
    assert strategy.quotes == frame.height > 20_000
    assert half[rows[:, at.KIND] == EventKind.QUOTE].any()
    ends = rows[rows[:, at.FLAGS] & EventFlag.ENDS_SESSION != 0]
    assert len(ends) == 2  # 7 and 8 October; nothing is told of the night after
    assert 13 * 10**8 < engine.state.instruments[0, at.LAST] < 15 * 10**8


def test_minutes_of_a_future_are_told_by_quotes_and_trades(test_data: Path) -> None:
    future = listed(
        "ESZ3", InstrumentKind.EQUITY, tick=Decimal("0.25"), multiplier=50, price_digits=8
    )
    quotes = pl.read_parquet(test_data / "futures/es_minute_quote.parquet")
    trades = pl.read_parquet(test_data / "futures/es_minute_trade.parquet")
    mine = pl.col("symbol") == "ES201312"
    there = pl.col("bid_open").is_not_null() | pl.col("ask_open").is_not_null()
    quotes = quotes.filter(mine & there)
    trades = trades.filter(mine)
    sizes = {name: quotes[name].to_numpy() for name in ("bid_size", "ask_size")}
    stream = events_of(
        [future],
        [
            parts.quote_bars(
                future, ts=times_of(quotes) + MINUTE, start=times_of(quotes),
                **prices_of(quotes, *BID_PRICES, *ASK_PRICES), **sizes,
            ),
            parts.bars(
                future, ts=times_of(trades) + MINUTE, start=times_of(trades),
                volume=trades["volume"].to_numpy(),
                **prices_of(trades, "open", "high", "low", "close"),
            ),
        ],
    )  # fmt: skip

    strategy, _ = heard(stream)

    assert (strategy.quote_bars, strategy.bars) == (quotes.height, trades.height)
    assert strategy.quote_bars > 3_000


def test_hours_of_a_currency_mark_to_the_middle_of_bid_and_ask(test_data: Path) -> None:
    euro = listed("EURUSD", InstrumentKind.FX, tick=Decimal("0.00001"), calendar="24/5")
    frame = pl.read_parquet(test_data / "forex/eurusd_hour_bidask.parquet")
    bars = parts.quote_bars(
        euro, ts=times_of(frame) + HOUR, start=times_of(frame),
        **prices_of(frame, *BID_PRICES, *ASK_PRICES),
    )  # fmt: skip

    strategy, engine = heard(events_of([euro], [bars]))

    assert strategy.quote_bars == 74_439
    middle = (frame["bid_close"][-1] + frame["ask_close"][-1]) / 2
    assert engine.state.instruments[0, at.LAST] == round(middle * 10**8)


def test_a_perpetual_is_told_its_funding_between_its_minutes(test_data: Path) -> None:
    perpetual = listed("BTCUSDT-PERP", InstrumentKind.PERPETUAL, currency="USDT", quantity_digits=3)
    mine = pl.col("symbol") == "BTCUSDT-PERP"
    bars = pl.read_parquet(test_data / "crypto/binance_perp_1m.parquet").filter(mine)
    funding = pl.read_parquet(test_data / "crypto/binance_perp_funding_8h.parquet").filter(mine)
    rates = prices_of(funding, "funding_rate", "mark_price")

    strategy, _ = heard(
        events_of(
            [perpetual],
            [
                parts.bars(
                    perpetual, ts=times_of(bars) + MINUTE, start=times_of(bars),
                    **prices_of(bars, "open", "high", "low", "close", "volume"),
                ),
                parts.funding(
                    perpetual, ts=times_of(funding), rate=rates["funding_rate"],
                    mark=rates["mark_price"],
                ),
            ],
        )
    )  # fmt: skip

    assert (strategy.bars, strategy.funded) == (bars.height, funding.height)
    assert abs(strategy.paid - funding["funding_rate"].sum()) < 1e-9
