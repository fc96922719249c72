"""What a file holds beside bars: ticks, quote bars, funding, dividends, splits and factors."""
