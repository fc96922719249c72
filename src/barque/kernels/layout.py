"""The columns of the engine's flat int64 state. Every number is an integer of a stated unit.

Units: `ts` nanoseconds UTC; prices, quantities and cash in their instrument's and currency's
units (`domain.instruments`); rates in 10^-12; `i` is an instrument's index in the run.
"""

# One market event: events[t, column].
TS = 0
START = 1  # when the bar began; equal to TS for events that are not bars
KIND = 2  # domain.events.EventKind
INSTRUMENT = 3
OPEN = 4
HIGH = 5
LOW = 6
CLOSE = 7
VOLUME = 8  # quantity units
FLAGS = 9  # domain.events.EventFlag
EVENT_WIDTH = 10

# A split's and a dividend's own columns.
SPLIT_NEW = 4  # SPLIT_NEW new shares ...
SPLIT_OLD = 5  # ... for SPLIT_OLD old ones
DIVIDEND_AMOUNT = 4  # cash units for one whole unit of quantity

# One account: account[column].
CASH = 0
POSITION_VALUE = 1  # sum of every instrument's VALUE
EQUITY = 2  # CASH + POSITION_VALUE
NEXT_ORDER_ID = 3
WORKING_ORDERS = 4
FREE_SLOT = 5  # head of the free list of order slots, -1 when full
HALTED = 6  # 0, or the Halt reason
REQUEST_COUNT = 7  # rows of `requests` in use
REQUESTS_LOST = 8  # requests that did not fit in one event
RECORD_COUNT = 9  # rows of `records` in use
CURVE_COUNT = 10  # slices of `curve` in use
NOW = 11  # TS of the event being handled
EVENTS_SEEN = 12  # market-log position: events handled since the run began
FEES = 13
ACCOUNT_WIDTH = 16

# One instrument in the run: instruments[i, column]. First its rules, then its state.
NOTIONAL_DIVISOR = 0  # 10^(p+q+m-c)
MULTIPLIER = 1
TICK = 2  # price units
LOT = 3  # quantity units
PRICE_SCALE = 4  # 10^p
QUANTITY_SCALE = 5  # 10^q
FEE_RATE = 6  # of notional
FEE_PER_UNIT = 7  # cash units for one whole unit of quantity
SLIPPAGE_RATE = 8  # of price, against the taker
MAX_POSITION = 9  # quantity units
MAX_NOTIONAL = 10  # cash units, of one order
PRICE_BAND = 11  # largest distance of an order's price from the last price
POSITION = 12
COST = 13  # signed cash paid for the position
LAST = 14  # last price, 0 before the first
VALUE = 15  # the position's notional at LAST
REALIZED = 16  # profit of what was closed, before fees
INSTRUMENT_FEES = 17
DIVIDENDS = 18
WORKING_BUY = 19  # quantity of working buy orders
WORKING_SELL = 20
FIRST_ORDER = 21  # slot of the oldest working order, -1 for none
LAST_ORDER = 22
INSTRUMENT_WIDTH = 24

# One working order: orders[slot, column]. The orders of an instrument form a list, oldest first.
ORDER_ID = 0  # 0: the slot is free
ORDER_INSTRUMENT = 1
ORDER_TYPE = 2
SIDE = 3
LEAVES = 4
PRICE = 5  # limit or trigger price, 0 for market
TIME_IN_FORCE = 6
PLACED = 7  # ts; only bars that began at or after it can fill the order
ORDER_STATE = 8
NEXT = 9  # the next slot of the instrument's list or of the free list, -1 at the end
PREVIOUS = 10
QUANTITY = 11
ORDER_WIDTH = 12

# One request of a strategy: requests[k, column].
REQUEST_KIND = 0  # SUBMIT or CANCEL
REQUEST_INSTRUMENT = 1
REQUEST_TYPE = 2
REQUEST_SIDE = 3
REQUEST_QUANTITY = 4
REQUEST_PRICE = 5
REQUEST_TIME_IN_FORCE = 6
REQUEST_ORDER_ID = 7
REQUEST_WIDTH = 8

SUBMIT = 1
CANCEL = 2

# One record of the account journal as the kernels write it: records[k, column].
RECORD_KIND = 0
RECORD_TS = 1
RECORD_INSTRUMENT = 2
RECORD_AT = 3  # EVENTS_SEEN when it was written: the event that caused it
A0, A1, A2, A3, A4, A5, A6, A7, A8, A9 = range(4, 14)
RECORD_WIDTH = 14

# Record kinds, and what A0 to A9 hold.
ACCEPTED = 1  # order id, type, side, quantity, price, time in force
REFUSED = 2  # order id, type, side, quantity, price, time in force, reason
# FILLED: order id, side, quantity, price, notional (signed), fee, fill ts, leaves after,
# realized, value of the position after
FILLED = 3
CANCELED = 4  # order id, reason, leaves
EXPIRED = 5  # order id, reason, leaves
ORDER_ADJUSTED = 6  # order id, leaves after, price after (a forward split)
DIVIDEND_PAID = 7  # cash, position, amount per unit
# SPLIT_APPLIED: new, old, position before and after, cash in lieu, its cost, last price after,
# value of the position after
SPLIT_APPLIED = 8
HALT = 9  # domain.orders.Halt, and the operands of the product that did not fit
CANCEL_REFUSED = 10  # order id, reason

# The equity curve: curve[column, k], one k a slice. Each column lies together in memory, so that
# whoever reads one takes it as it is. Shown to readers turned round: (n, CURVE_WIDTH).
CURVE_TS = 0
CURVE_EQUITY = 1
CURVE_CASH = 2
CURVE_WIDTH = 3
