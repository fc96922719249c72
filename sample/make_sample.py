"""Make the bundled sample from the development data: BARQUE_TEST_DATA=<folder> make_sample.py.

Every file is cut by symbol and column and sorted; no number is changed. See NOTICE.
"""

import os
import sys
import tomllib
from pathlib import Path

import polars as pl

SAMPLE = Path(__file__).resolve().parent
SOURCES = {
    "us_equity_daily.parquet": "equity_daily/us_equity_daily.parquet",
    "fx_hour.parquet": "forex/fx_hour.parquet",
    "binance_btcusdt_1h.parquet": "crypto/binance_spot_BTCUSDT_1h.parquet",
    "binance_perpetual_1m.parquet": "crypto/binance_perp_1m.parquet",
    "binance_perpetual_funding.parquet": "crypto/binance_perp_funding_8h.parquet",
}
LEFT_OUT = ("adj_close", "mark_price")
LARGEST_FILE, LARGEST_SAMPLE = 5_000_000, 12_000_000


def main() -> None:
    """Write every sample file from its source and check the sizes."""
    source = os.environ.get("BARQUE_TEST_DATA")
    if source is None:
        sys.exit("Set BARQUE_TEST_DATA to the folder of the development data.")
    sizes = [write(name, Path(source) / path) for name, path in SOURCES.items()]
    assert max(sizes) <= LARGEST_FILE, sizes
    assert sum(sizes) <= LARGEST_SAMPLE, sizes


def write(name: str, source: Path) -> int:
    """Write one sample file and return its size in bytes."""
    frame = pl.read_parquet(source).filter(pl.col("symbol").is_in(symbols(name)))
    frame = frame.drop(column for column in LEFT_OUT if column in frame.columns)
    frame = frame.sort("symbol", "timestamp")
    frame.write_parquet(SAMPLE / name, compression="zstd", compression_level=19)
    print(f"{name}: {frame.height:,} rows, {(SAMPLE / name).stat().st_size:,} bytes")
    return (SAMPLE / name).stat().st_size


def symbols(name: str) -> list[str]:
    """Return the symbols that datasets.toml wants from a sample file."""
    described = tomllib.loads((SAMPLE / "datasets.toml").read_text())["dataset"]
    return [
        symbol
        for entry in described
        if name in (entry["file"], entry.get("funding"))
        for symbol in entry["symbols"]
    ]


if __name__ == "__main__":
    main()
