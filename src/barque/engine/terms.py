"""The terms of an account in numbers: its currencies, cash, margin and limits."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np

from barque.domain.costs import CostModels, Costs
from barque.domain.errors import BadInput
from barque.domain.instruments import Instrument, cash_digits, cash_units, rate_units
from barque.domain.margin import CashAccount, Leverage, Margin, MarginModel, Unlimited
from barque.engine.charged import tier_table
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray
from barque.kernels.costs import DAYS
from barque.kernels.money import RATE
from barque.risk.limits import NO_BOUND, Limits

Cash = Decimal | Mapping[str, Decimal]
"""An amount of the account's currency, or an amount of each of several currencies."""


def account_currencies(instruments: Sequence[Instrument], currency: str | None) -> list[str]:
    """Return the currencies of a run by their numbers; the account's own is the first."""
    found = sorted({instrument.currency for instrument in instruments})
    if not found:
        raise BadInput("A run needs at least one instrument.")
    if currency is None:
        if len(found) > 1:
            raise BadInput(
                f"The instruments are quoted in {', '.join(found)}; say which of them is the "
                "account's own currency, or choose instruments of one currency."
            )
        return found
    return [currency, *(one for one in found if one != currency)]


def new_account(
    instruments: Sequence[Instrument],
    currencies: Sequence[str],
    cash: Cash,
    costs: Costs | CostModels,
    limits: Limits,
    margin: Margin,
) -> IntArray:
    """Return an account that owns `cash`, with the rules that concern it as a whole."""
    account = np.zeros(at.ACCOUNT_WIDTH + len(currencies) * at.CURRENCY_WIDTH, np.int64)
    account[at.CURRENCIES] = len(currencies)
    account[at.NEXT_ORDER_ID] = 1
    for c in range(len(currencies)):
        _write_currency(_block(account, c), c, currencies, instruments)
    _write_cash(account, currencies, cash)
    _write_limits(account, limits, currencies[0])
    model = _margin_model(margin)
    account[at.MARGIN_MODEL] = model
    account[at.WATCHED] = _watched(limits, model, currencies)
    account[[at.PEAK_EQUITY, at.SLICE_EQUITY, at.DAY_EQUITY]] = account[at.EQUITY]
    table = tier_table(costs, currencies[0])
    if not table:
        return account
    account[at.VOLUME_OF_DAYS] = len(account)
    return np.concatenate([account, np.zeros(1 + DAYS, np.int64), np.array(table, np.int64)])


def _block(account: IntArray, c: int) -> IntArray:
    first = at.ACCOUNT_WIDTH + c * at.CURRENCY_WIDTH
    return account[first : first + at.CURRENCY_WIDTH]


def _write_currency(
    block: IntArray, c: int, currencies: Sequence[str], instruments: Sequence[Instrument]
) -> None:
    own, home = currencies[c], currencies[0]
    block[at.CURRENCY_SCALE] = 10 ** cash_digits(own)
    block[at.CURRENCY_SHIFT] = 10 ** (12 + cash_digits(home) - cash_digits(own))
    block[at.CURRENCY_INSTRUMENT] = -1
    if c == 0:
        block[at.CURRENCY_RATE] = RATE
        return
    pairs = {(instrument.base, instrument.currency): i for i, instrument in enumerate(instruments)}
    if (own, home) in pairs:
        block[at.CURRENCY_INSTRUMENT] = pairs[own, home]
    elif (home, own) in pairs:
        block[at.CURRENCY_INSTRUMENT], block[at.CURRENCY_INVERSE] = pairs[home, own], 1
    else:
        raise BadInput(
            f"Nothing in the run says what {own} is worth in {home}. Add the instrument "
            f"{own}{home} or {home}{own}, of kind fx or spot."
        )


def _write_cash(account: IntArray, currencies: Sequence[str], cash: Cash) -> None:
    amounts = cash if isinstance(cash, Mapping) else {currencies[0]: cash}
    for currency, amount in amounts.items():
        if currency not in currencies:
            raise BadInput(
                f"There is cash in {currency}, but the run's currencies are "
                f"{', '.join(currencies)}. Leave it out or add an instrument quoted in it."
            )
        units, c = cash_units(amount, currency), currencies.index(currency)
        if c == 0:
            account[[at.CASH, at.EQUITY]] = units
        else:
            _block(account, c)[at.CURRENCY_CASH] = units


def _write_limits(account: IntArray, limits: Limits, currency: str) -> None:
    def money(amount: Decimal | None) -> int:
        return NO_BOUND if amount is None else cash_units(amount, currency)

    def rate(fraction: Decimal | None) -> int:
        return NO_BOUND if fraction is None else rate_units(fraction)

    account[at.MAX_GROSS], account[at.MAX_NET] = money(limits.gross), money(limits.net)
    account[at.MAX_LEVERAGE] = rate(limits.leverage)
    account[at.MAX_CONCENTRATION] = rate(limits.concentration)
    account[at.MAX_ORDERS] = NO_BOUND if limits.orders is None else limits.orders
    account[at.ORDER_WINDOW], account[at.WINDOW_START] = limits.window, -NO_BOUND
    account[at.MAX_DAY_LOSS] = rate(limits.daily_loss)
    account[at.MAX_DRAWDOWN] = rate(limits.drawdown)


def _watched(limits: Limits, model: MarginModel, currencies: Sequence[str]) -> int:
    exposed = (limits.gross, limits.net, limits.leverage, limits.concentration)
    watched = at.WATCH_RATES if len(currencies) > 1 else 0
    if model != MarginModel.NONE or any(limit is not None for limit in exposed):
        watched |= at.WATCH_EXPOSURE
    if limits.daily_loss is not None or limits.drawdown is not None:
        watched |= at.WATCH_LOSSES
    if limits.orders is not None:
        watched |= at.WATCH_ORDERS
    return watched


def _margin_model(margin: Margin) -> MarginModel:
    match margin:
        case Unlimited():
            return MarginModel.NONE
        case CashAccount():
            return MarginModel.CASH
        case Leverage():
            return MarginModel.RATES


def write_margin(row: IntArray, instrument: Instrument, margin: Margin) -> None:
    """Write the rates at which a position of an instrument binds equity."""
    match margin:
        case CashAccount():
            row[at.INITIAL_RATE] = RATE
        case Leverage():
            own = margin.of.get(instrument.id, margin)
            row[at.INITIAL_RATE] = rate_units(own.initial)
            row[at.MAINTENANCE_RATE] = rate_units(own.maintenance)
            row[at.SHORT_MAINTENANCE] = rate_units(own.of_short)
