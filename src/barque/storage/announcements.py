"""A journal record in words and money, for people who watch an account."""

import struct
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import IntEnum
from typing import Any

import msgspec

from barque.domain.instruments import Instrument, cash
from barque.domain.orders import (
    HALTS,
    REASONS,
    Halt,
    OrderFlag,
    OrderType,
    Reason,
    Side,
    TimeInForce,
    client_order_id,
)
from barque.kernels import layout
from barque.storage.records import JournalKind
from barque.storage.store import Account

Row = list[int]
"""One journal row as Python integers, by the RECORD columns of `kernels.layout`."""

Payload = dict[str, Any]

_JSON = msgspec.json.Encoder()


def announce(row: Row, account: Account) -> tuple[str, str]:
    """Return the type of what happened, and its facts as JSON; amounts are decimal strings."""
    kind = JournalKind(row[layout.RECORD_KIND])
    payload = _PAYLOADS[kind](row, account)
    return type_of(kind), _JSON.encode(payload).decode()


def type_of(kind: JournalKind) -> str:
    """Return what a kind of record is called when it is told."""
    return kind.name.lower()


def instrument_id(row: Row, account: Account) -> str:
    """Return the instrument a record is about, "" if a strategy asked for one that is not there."""
    i = row[layout.RECORD_INSTRUMENT]
    return account.instruments[i].id if 0 <= i < len(account.instruments) else ""


def prediction_of(row: Row) -> float | None:
    """Return what the model predicted, None if nothing."""
    prediction = _float(row[layout.A0])
    return None if prediction != prediction else prediction


def exposure_of(row: Row) -> float:
    """Return the exposure a signal wants, from -1 to +1."""
    return _float(row[layout.A1])


def plain(amount: Decimal) -> str:
    """Write a number without exponent and without trailing zeros."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _accepted(row: Row, account: Account) -> Payload:
    instrument = _instrument(row, account)
    return {
        **_asked(row, account),
        "quantity": plain(instrument.quantity(row[layout.A3])),
        "price": _price(instrument, row[layout.A4]),
        **_terms(row, instrument),
    }


def _terms(row: Row, instrument: Instrument) -> Payload:
    """Return what only some orders have: trigger or trail, expiry, group and flags."""
    flags = OrderFlag(row[layout.A5] // 256)
    trigger_or_trail = _price(instrument, row[layout.A7])
    if OrderFlag.TRAILS_BY_RATE in flags:
        trigger_or_trail = plain(_rate(row[layout.A7]))
    is_trail = row[layout.A1] == OrderType.TRAILING_STOP
    terms: Payload = {
        "trail" if is_trail else "trigger": trigger_or_trail,
        "expires": row[layout.A8],
        "group": row[layout.A9],
        "flags": [flag.name for flag in flags],
    }
    return {name: value for name, value in terms.items() if value}


def _refused(row: Row, account: Account) -> Payload:
    if instrument_id(row, account):
        return _accepted(row, account) | _why(row[layout.A6])
    units = {"quantity": str(row[layout.A3]), "price": str(row[layout.A4])}
    return _asked(row, account) | units | _why(row[layout.A6])


def _asked(row: Row, account: Account) -> Payload:
    return {
        **_which(row, account),
        "type": _word(OrderType, row[layout.A1]),
        "side": _word(Side, row[layout.A2]),
        "time_in_force": _word(TimeInForce, row[layout.A5] % 256),
    }


def _filled(row: Row, account: Account) -> Payload:
    instrument = _instrument(row, account)
    return {
        **_which(row, account),
        "side": Side(row[layout.A1]).name,
        "quantity": plain(instrument.quantity(row[layout.A2])),
        "price": plain(instrument.price(row[layout.A3])),
        "notional": _money_of(row[layout.A4], instrument),
        "fee": _money_of(row[layout.A5], instrument),
        "fill_ts": row[layout.A6],
        "leaves": plain(instrument.quantity(row[layout.A7])),
        "realized": _money_of(row[layout.A8], instrument),
    }


def _ended(row: Row, account: Account) -> Payload:
    leaves = _instrument(row, account).quantity(row[layout.A2])
    return _which(row, account) | _why(row[layout.A1]) | {"leaves": plain(leaves)}


def _adjusted(row: Row, account: Account) -> Payload:
    instrument = _instrument(row, account)
    return {
        **_which(row, account),
        "leaves": plain(instrument.quantity(row[layout.A1])),
        "price": _price(instrument, row[layout.A2]),
    }


def _triggered(row: Row, account: Account) -> Payload:
    return _which(row, account) | {"price": _price(_instrument(row, account), row[layout.A1])}


def _amended(row: Row, account: Account) -> Payload:
    instrument = _instrument(row, account)
    changed = _adjusted(row, account) | {"trigger": _price(instrument, row[layout.A3])}
    return changed | _why(row[layout.A4])


def _dividend_paid(row: Row, account: Account) -> Payload:
    instrument = _instrument(row, account)
    return {
        "instrument": instrument.id,
        "cash": _money_of(row[layout.A0], instrument),
        "position": plain(instrument.quantity(row[layout.A1])),
        "amount": _money_of(row[layout.A2], instrument),
        "price": _price(instrument, row[layout.A3]),
    }


def _split_applied(row: Row, account: Account) -> Payload:
    instrument = _instrument(row, account)
    return {
        "instrument": instrument.id,
        "new": row[layout.A0],
        "old": row[layout.A1],
        "position_before": plain(instrument.quantity(row[layout.A2])),
        "position_after": plain(instrument.quantity(row[layout.A3])),
        "cash_in_lieu": _money_of(row[layout.A4], instrument),
    }


def _halt(row: Row, account: Account) -> Payload:
    reason = Halt(row[layout.A0])
    operands = [str(row[layout.A1]), str(row[layout.A2])]
    return {
        "instrument": instrument_id(row, account),
        "reason": reason.name,
        "why": HALTS[reason],
        "operands": operands,
    }


def _change_refused(row: Row, account: Account) -> Payload:
    return {"order_id": row[layout.A0], **_why(row[layout.A1])}


def _funded(row: Row, account: Account) -> Payload:
    instrument = _instrument(row, account)
    return {
        "instrument": instrument.id,
        "cash": _money_of(row[layout.A0], instrument),
        "position": plain(instrument.quantity(row[layout.A1])),
        "rate": plain(_rate(row[layout.A2])),
        "mark": plain(instrument.price(row[layout.A3])),
    }


def _interest_paid(row: Row, account: Account) -> Payload:
    """Tell units of cash: only the run knows which currency has which number."""
    return {
        "instrument": instrument_id(row, account),
        "cash_units": str(row[layout.A0]),
        "basis_units": str(row[layout.A1]),
        "rate": plain(_rate(row[layout.A2])),
        "currency_number": row[layout.A3],
    }


def _settled(row: Row, account: Account) -> Payload:
    instrument = _instrument(row, account)
    return {
        "instrument": instrument.id,
        "position": plain(instrument.quantity(row[layout.A0])),
        "price": plain(instrument.price(row[layout.A1])),
        "notional": _money_of(row[layout.A2], instrument),
        "realized": _money_of(row[layout.A3], instrument),
        "cash": _money_of(row[layout.A4], instrument),
    }


def _liquidation(row: Row, account: Account) -> Payload:
    return {
        "equity": _money(row[layout.A0], account),
        "maintenance_margin": _money(row[layout.A1], account),
        "state": "begun" if row[layout.A2] else "over",
    }


def _numbers(row: Row, account: Account) -> Payload:
    return {"numbers": [str(number) for number in row[layout.A0 :]]}


def _slice(row: Row, account: Account) -> Payload:
    return {
        "market_position": row[layout.A0],
        "equity": _money(row[layout.A1], account),
        "cash": _money(row[layout.A2], account),
    }


def _position(row: Row, account: Account) -> Payload:
    instrument = _instrument(row, account)
    return {
        "instrument": instrument.id,
        "quantity": plain(instrument.quantity(row[layout.A0])),
        "cost": _money_of(row[layout.A1], instrument),
        "last": plain(instrument.price(row[layout.A2])),
        "value": _money_of(row[layout.A3], instrument),
        "realized": _money_of(row[layout.A4], instrument),
        "fees": _money_of(row[layout.A5], instrument),
        "dividends": _money_of(row[layout.A6], instrument),
    }


def _signal(row: Row, account: Account) -> Payload:
    return {
        "instrument": instrument_id(row, account),
        "prediction": prediction_of(row),
        "exposure": exposure_of(row),
    }


def _which(row: Row, account: Account) -> Payload:
    return {
        "order_id": row[layout.A0],
        "client_order_id": client_order_id(account.id, row[layout.A0]),
        "instrument": instrument_id(row, account),
    }


_PAYLOADS: Mapping[JournalKind, Callable[[Row, Account], Payload]] = {
    JournalKind.ACCEPTED: _accepted,
    JournalKind.REFUSED: _refused,
    JournalKind.FILLED: _filled,
    JournalKind.CANCELED: _ended,
    JournalKind.EXPIRED: _ended,
    JournalKind.ORDER_ADJUSTED: _adjusted,
    JournalKind.DIVIDEND_PAID: _dividend_paid,
    JournalKind.SPLIT_APPLIED: _split_applied,
    JournalKind.HALT: _halt,
    JournalKind.CANCEL_REFUSED: _change_refused,
    JournalKind.TRIGGERED: _triggered,
    JournalKind.RELEASED: _which,
    JournalKind.AMENDED: _amended,
    JournalKind.AMEND_REFUSED: _change_refused,
    JournalKind.REJECTED: _ended,
    JournalKind.FUNDED: _funded,
    JournalKind.INTEREST_PAID: _interest_paid,
    JournalKind.SETTLED: _settled,
    JournalKind.LIQUIDATION: _liquidation,
    JournalKind.EPOCH: _numbers,
    JournalKind.REQUEST: _numbers,
    JournalKind.SLICE: _slice,
    JournalKind.COMMAND: _numbers,
    JournalKind.SNAPSHOT: _numbers,
    JournalKind.POSITION: _position,
    JournalKind.SIGNAL: _signal,
}


def _word(words: type[IntEnum], value: int) -> str:
    # A strategy can ask for an order type that does not exist; it is refused, and told as it was.
    return words(value).name if value in words._value2member_map_ else str(value)


def _instrument(row: Row, account: Account) -> Instrument:
    return account.instruments[row[layout.RECORD_INSTRUMENT]]


def _why(reason: int) -> Payload:
    return {"reason": Reason(reason).name, "why": REASONS[Reason(reason)]}


def _price(instrument: Instrument, units: int) -> str | None:
    return plain(instrument.price(units)) if units else None


def _money(units: int, account: Account) -> str:
    return plain(cash(units, account.currency))


def _money_of(units: int, instrument: Instrument) -> str:
    return plain(cash(units, instrument.currency))


def _rate(units: int) -> Decimal:
    return Decimal(units).scaleb(-12)


def _float(bits: int) -> float:
    return float(struct.unpack("<d", struct.pack("<q", bits))[0])
