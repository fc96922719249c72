"""What every number means: the words that stand beside it wherever it is shown."""

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """How a number is written for people."""

    PERCENT = "percent"
    RATIO = "ratio"
    COUNT = "count"
    DAYS = "days"
    MONEY = "money"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Definition:
    """A number's label, how it is written, what it is, and who defined it."""

    label: str
    form: Form
    words: str
    source: str = ""


def _percent(label: str, words: str, source: str = "") -> Definition:
    return Definition(label, Form.PERCENT, words, source)


def _ratio(label: str, words: str, source: str = "") -> Definition:
    return Definition(label, Form.RATIO, words, source)


def _count(label: str, words: str, source: str = "") -> Definition:
    return Definition(label, Form.COUNT, words, source)


def _days(label: str, words: str) -> Definition:
    return Definition(label, Form.DAYS, words)


def _money(label: str, words: str) -> Definition:
    return Definition(label, Form.MONEY, words)


GROUPS: dict[str, dict[str, Definition]] = {
    "Return": {
        "total_return": _percent("Total return", "Last equity over the cash at the start, less 1."),
        "cagr": _percent(
            "CAGR", "The total return a year, compounding; a year is 365.25 days of the calendar."
        ),
        "sharpe": _ratio(
            "Sharpe ratio",
            "Mean over standard deviation (ddof 1) of daily returns less the risk-free return, "
            "times √(periods a year).",
            "Sharpe (1994), The Sharpe Ratio",
        ),
        "probabilistic_sharpe": _percent(
            "Probabilistic Sharpe",
            "The chance that the true Sharpe ratio is above 0, given the number of returns, their "
            "skew and their kurtosis. It knows nothing of how many strategies were tried.",
            "Bailey and López de Prado (2012), The Sharpe Ratio Efficient Frontier",
        ),
        "minimum_track_record_length": _count(
            "Minimum track record, days",
            "How many daily returns it takes to say with 95% confidence that the Sharpe ratio is "
            "above 0; unknown when it is not.",
            "Bailey and López de Prado (2012), The Sharpe Ratio Efficient Frontier",
        ),
        "sortino": _ratio(
            "Sortino ratio",
            "Mean of daily returns less the risk-free return, over the root of the mean square of "
            "the negative ones (all days counted), times √(periods a year).",
            "Sortino and Price (1994), Performance Measurement in a Downside Risk Framework",
        ),
        "calmar": _ratio(
            "Calmar ratio",
            "CAGR over the largest drawdown of the whole run.",
            "Young (1991), Calmar Ratio: A Smoother Tool",
        ),
        "omega": _ratio(
            "Omega ratio",
            "Sum of the daily returns above the risk-free return over the sum of those below.",
            "Keating and Shadwick (2002), A Universal Performance Measure",
        ),
    },
    "Risk": {
        "annual_volatility": _percent(
            "Volatility a year",
            "Standard deviation (ddof 1) of daily returns times √(periods a year).",
        ),
        "max_drawdown": _percent(
            "Largest drawdown",
            "The largest fall of equity from a peak, as a part of that peak, at any slice.",
        ),
        "max_drawdown_duration": _days(
            "Longest drawdown",
            "The longest time from a peak of equity until it was there again, or the run ended.",
        ),
        "ulcer_index": _percent(
            "Ulcer index",
            "Root of the mean square of the falls from the peak so far, at the ends of days.",
            "Martin and McCann (1989), The Investor's Guide to Fidelity Funds",
        ),
        "value_at_risk": _percent(
            "Value at risk, 5%",
            "The loss that one day in twenty exceeded: less the 5% quantile of daily returns.",
            "Jorion (1996), Value at Risk (historical simulation)",
        ),
        "conditional_value_at_risk": _percent(
            "Conditional value at risk, 5%",
            "The mean loss of the days at or beyond value at risk.",
            "Rockafellar and Uryasev (2000), Optimization of Conditional Value-at-Risk",
        ),
        "tail_ratio": _ratio(
            "Tail ratio",
            "The 95% quantile of daily returns over the 5% quantile, without signs.",
            "Quantopian, empyrical",
        ),
        "skew": _ratio(
            "Skew",
            "Third moment of daily returns over their deviation cubed (ddof 0): below 0, the large "
            "days are losses.",
            "Fisher (1930), g1",
        ),
        "kurtosis": _ratio(
            "Excess kurtosis",
            "Fourth moment of daily returns over their deviation to the fourth (ddof 0), less 3: "
            "0 for the normal distribution, more for fatter tails.",
            "Fisher (1930), g2",
        ),
    },
    "Beside the benchmark": {
        "benchmark": Definition("Benchmark", Form.TEXT, "What the run is compared with."),
        "benchmark_return": _percent("Its total return", "What the benchmark became, less 1."),
        "benchmark_sharpe": _ratio(
            "Its Sharpe ratio", "The Sharpe ratio of the benchmark over the same days."
        ),
        "benchmark_max_drawdown": _percent(
            "Its largest drawdown", "The benchmark's largest fall between ends of days."
        ),
        "alpha": _percent(
            "Alpha a year",
            "Mean daily return less what beta times the benchmark's explains (both less the "
            "risk-free return), times periods a year.",
            "Jensen (1968), The Performance of Mutual Funds in the Period 1945-1964",
        ),
        "beta": _ratio(
            "Beta",
            "Covariance of daily returns with the benchmark's over the benchmark's variance.",
            "Sharpe (1964), Capital Asset Prices",
        ),
        "correlation": _ratio(
            "Correlation", "Of daily returns with the benchmark's.", "Pearson (1896)"
        ),
        "information_ratio": _ratio(
            "Information ratio",
            "Mean over standard deviation (ddof 1) of daily returns less the benchmark's, times "
            "√(periods a year).",
            "Goodwin (1998), The Information Ratio",
        ),
        "treynor_ratio": _ratio(
            "Treynor ratio",
            "Mean daily return less the risk-free return, times periods a year, over beta.",
            "Treynor (1965), How to Rate Management of Investment Funds",
        ),
    },
    "Trades": {
        "trades": _count(
            "Trades", "Closed round trips: from flat to flat, however many fills that took."
        ),
        "win_rate": _percent("Win rate", "Share of trades that earned more than nothing."),
        "profit_factor": _ratio(
            "Profit factor", "What the winning trades earned over what the losing ones lost."
        ),
        "payoff_ratio": _ratio(
            "Payoff ratio", "Mean profit of a winning trade over mean loss of a losing one."
        ),
        "expectancy": _money(
            "Expectancy", "Mean profit of a trade after fees, with dividends and funding."
        ),
        "sqn": _ratio(
            "System quality (SQN)",
            "√(trades) times mean over standard deviation (ddof 1) of trades' profits; Tharp "
            "takes multiples of the risk at entry, which is not known here.",
            "Tharp (2008), The Definitive Guide to Position Sizing",
        ),
        "kelly_criterion": _percent(
            "Kelly fraction",
            "Win rate less loss rate over payoff ratio: what to bet on a coin with those odds.",
            "Kelly (1956), A New Interpretation of Information Rate",
        ),
        "avg_trade": _percent("Mean trade", "Mean of trades' profits over what opened them."),
        "best_trade": _percent("Best trade", "The largest profit over what opened it."),
        "worst_trade": _percent("Worst trade", "The smallest profit over what opened it."),
        "avg_trade_duration": _days("Mean duration", "From a trade's first fill to its last."),
    },
    "Activity and costs": {
        "exposure": _percent("Exposure", "Share of the run's time in which anything was held."),
        "turnover": _ratio("Turnover a year", "Bought plus sold notional over mean equity."),
        "fills": _count("Fills", "How often an order was filled, wholly or in part."),
        "fees_paid": _money("Fees paid", "Everything paid for fills."),
        "dividends": _money("Dividends", "Received on long positions less paid on short ones."),
        "funding": _money("Funding", "Received less paid on perpetuals."),
        "interest": _money("Interest", "Received less paid, borrowing included."),
    },
    "Conventions": {
        "periods": _count("Daily returns", "How many daily returns the statistics are taken from."),
        "periods_per_year": _ratio(
            "Periods a year", "Daily returns a year of 365.25 days, as observed unless given."
        ),
        "risk_free_rate": _percent("Risk-free rate", "Of a year; it compounds."),
    },
}
"""Every statistic by the name it has in JSON, in the order in which it is shown."""

DEFINITIONS: dict[str, Definition] = {
    name: definition for group in GROUPS.values() for name, definition in group.items()
}


def written(name: str, value: float | int | str | None) -> str:
    """Return a statistic as people write it."""
    if value is None:
        return "unknown"
    if isinstance(value, str):
        return value
    match DEFINITIONS[name].form:
        case Form.PERCENT:
            return f"{value:.2%}"
        case Form.COUNT:
            return f"{value:,.0f}"
        case Form.DAYS:
            return _duration(value)
        case Form.MONEY:
            return f"{value:,.2f}"
        case _:
            return f"{value:,.2f}"


def _duration(days: float) -> str:
    if days >= 10:
        return f"{days:,.0f} days"
    return f"{days:.1f} days" if days >= 1 else f"{days * 24:.1f} hours"
