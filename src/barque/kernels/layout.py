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
FLAGS = 9  # domain.events.EventFlag; of a built bar also BUILDER_SHIFT
EVENT_WIDTH = 10
BUILDER_SHIFT = 8  # flags >> this: the number of the builder that made a bar

# What other events hold in the columns of a bar. A trade tick is a bar of one price; the bid and
# the ask side of a quote bar are two events, bid first; a side that nobody quoted is all 0.
SPLIT_NEW = 4  # SPLIT_NEW new shares ...
SPLIT_OLD = 5  # ... for SPLIT_OLD old ones
DIVIDEND_AMOUNT = 4  # cash units for one whole unit of quantity
QUOTE_BID = 4
QUOTE_ASK = 5
QUOTE_BID_SIZE = 6  # quantity units; 0: there is none on this side
QUOTE_ASK_SIZE = 7
FUNDING_RATE = 4  # of notional, paid by longs to shorts when it is positive
FUNDING_MARK = 5  # mark price, 0 for the last price
INTEREST_CREDIT = 4  # rate on positive cash of the instrument's currency for the time that passed
INTEREST_DEBIT = 5  # rate on negative cash
INTEREST_BORROW = 6  # rate on the value of a short position
SETTLEMENT_PRICE = (
    4  # what a position is paid out at when its instrument ends; 0 for the last price
)
TIMER_ID = 4

# One account: account[column].
CASH = 0
POSITION_VALUE = 1  # sum of VALUE of the instruments quoted in the account's currency
EQUITY = 2  # CASH + POSITION_VALUE + FOREIGN
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
FEES = 13  # in the account's currency, each at the rate of its moment
FOREIGN = 14  # what cash and positions in other currencies are worth in the account's own
INITIAL_MARGIN = 15  # what positions and working orders bind, in the account's currency
MAINTENANCE_MARGIN = 16  # what equity must not fall below
FUNDING = 17  # funding received less paid
INTEREST = 18  # interest received less paid, borrowing included
DAY = 19  # UTC day of the last slice
DAY_EQUITY = 20  # equity when the day began
PEAK_EQUITY = 21
WINDOW_START = 22  # ts at which the running window of the order rate began
WINDOW_ORDERS = 23  # orders in it
LIQUIDATED = 24  # 1 while the account is being closed out for want of margin
GROSS = 25  # sum of |exposure| of all instruments, working orders included
WATCHED = 26  # sum of WATCH_...: what a mark or a fill moves besides cash and value; 0 for nothing
SLICE_EQUITY = 27  # equity when the last slice ended
NET_UP = 28  # sum of EXPOSURE_UP
NET_DOWN = 29  # sum of EXPOSURE_DOWN
VOLUME_OF_DAYS = 30  # column where the volume by UTC day begins, 0 when no fee depends on it
# Rules of the account.
CURRENCIES = 32  # how many; the account's own is 0
MARGIN_MODEL = 33  # domain.margin.MarginModel
FILL_TIME = 34  # domain.orders.FillTime
LATENCY = 35  # nanoseconds from a decision to its arrival at the venue
TOUCH_FILLS = 36  # 1: a limit that is touched fills; 0: it must be crossed
STOP_FIRST = 37  # 1: of stop and target inside one bar the stop is met first
MAX_GROSS = 38  # cash units
MAX_NET = 39  # cash units
MAX_LEVERAGE = 40  # rate: gross over equity
MAX_CONCENTRATION = 41  # rate: one position's |value| over equity
MAX_ORDERS = 42  # in one window
ORDER_WINDOW = 43  # nanoseconds
MAX_DAY_LOSS = 44  # rate of the day's first equity
MAX_DRAWDOWN = 45  # rate of the highest equity
ACCOUNT_WIDTH = 48

WATCH_LOSSES = 1  # equity of the day's beginning and its peak, when a slice ends
WATCH_EXPOSURE = 2  # what every instrument weighs, for margin and for limits on exposure
WATCH_RATES = 4  # rates of currencies
WATCH_ORDERS = 8  # the order rate

# After the account's own columns, one block for each currency:
# account[ACCOUNT_WIDTH + c * CURRENCY_WIDTH + column]. Currency 0 keeps its cash in CASH.
CURRENCY_CASH = 0
CURRENCY_VALUE = 1  # sum of VALUE of the instruments quoted in it
CURRENCY_RATE = 2  # account's cash units for one of its cash units, in 10^-12; 0 before the first
CURRENCY_WORTH = 3  # (cash + value) at the rate, in the account's currency
CURRENCY_INSTRUMENT = 4  # the instrument whose last price is the rate, -1 for none
CURRENCY_INVERSE = 5  # 1: that price is this currency for one of the account's
CURRENCY_SHIFT = 6  # a price of one, as a rate: 10^(12 + the account's digits - its own)
CURRENCY_SCALE = 7  # 10^c: its cash units in one
CURRENCY_WIDTH = 8

# After the currencies, for fees with tiers: at VOLUME_OF_DAYS the newest day, then the volume of 30
# days in the account's currency, day d at d modulo 30; at FEE_TIERS the number of tiers, then
# volume, maker rate and taker rate of each.

# One instrument in the run: instruments[i, column]. First what every bar touches, rules and state:
# together they lie in two lines of the processor's cache.
NOTIONAL_DIVISOR = 0  # 10^(p+q+m-c)
MULTIPLIER = 1
MARGINED = 2  # 1: only profit and loss are settled, as of futures, perpetuals and FX
CURRENCY = 3  # number of the quote currency in the account
POSITION = 4
COST = 5  # signed cash paid for the position
LAST = 6  # last price, 0 before the first
VALUE = 7  # the position's notional at LAST, less COST when it is MARGINED
FIRST_ORDER = 8  # slot of the oldest working order, -1 for none
IN_SESSION = 9  # 0 before the first price of a session, 1 from it until the one that ends it
LAST_VOLUME = 10  # of the last bar or trade, quantity units
# Further rules.
PRICE_SCALE = 11  # 10^p
QUANTITY_SCALE = 12  # 10^q
TICK = 13  # price units
LOT = 14  # quantity units
FEE_RATE = 15  # of notional
FEE_PER_UNIT = 16  # cash units for one whole unit of quantity
SLIPPAGE_RATE = 17  # of price, against the taker
MAX_POSITION = 18  # quantity units
MAX_NOTIONAL = 19  # cash units, of one order
PRICE_BAND = 20  # largest distance of an order's price from the last price
FEE_MODEL = 21  # domain.costs.FeeModel; FEE_RATE is what a taker pays
MAKER_RATE = 22  # of notional
FEE_MINIMUM = 23  # cash units of one fill
FEE_MAXIMUM = 24  # rate of notional, 0 for none
SLIPPAGE_MODEL = 25  # domain.costs.SlippageModel; SLIPPAGE_RATE is of price
SLIPPAGE_TICKS = 26
SLIPPAGE_FACTOR = 27  # rate: of the model's own formula
PARTICIPATION = 28  # rate: the largest share of an event's volume that fills take, 0 for all
INITIAL_RATE = 29  # rate of notional
MAINTENANCE_RATE = 30  # of a long position
SHORT_MAINTENANCE = 31  # of a short one
FEE_TIERS = 32  # column of the account where the model's table begins, 0 for none
FEE_FUNCTION = 33  # address of the compiled function of a fee model of one's own
SLIPPAGE_FUNCTION = 34
# Further state; what the instrument weighs is in the account's currency at LAST.
REALIZED = 35  # profit of what was closed, before fees
INSTRUMENT_FEES = 36
DIVIDENDS = 37
WORKING_BUY = 38  # quantity of the buy orders that could open something: all but reduce-only ones
WORKING_SELL = 39
LAST_ORDER = 40
BID = 41  # price units, 0 when unknown
ASK = 42
BID_SIZE = 43
ASK_SIZE = 44
FUNDING_PAID = 45  # received less paid
ENDED = 46  # 1: delisted or expired, nothing trades any more
MARGIN_BOUND = 47  # the position's part of INITIAL_MARGIN
MARGIN_KEPT = 48  # the position's part of MAINTENANCE_MARGIN
EXPOSURE_UP = 49  # if every working buy order filled
EXPOSURE_DOWN = 50  # if every working sell order filled
REDUCING_BUY = 51  # quantity of reduce-only buy orders
REDUCING_SELL = 52
INSTRUMENT_WIDTH = 56

# One working order: orders[slot, column]. The orders of an instrument form a list, oldest first.
ORDER_ID = 0  # 0: the slot is free
ORDER_INSTRUMENT = 1
ORDER_TYPE = 2
SIDE = 3
LEAVES = 4
PRICE = 5  # limit price, or the trigger of an order that has no limit; 0: works as market
TIME_IN_FORCE = 6
PLACED = 7  # ts of its arrival at the venue
ORDER_STATE = 8
NEXT = 9  # the next slot of the instrument's list or of the free list, -1 at the end
PREVIOUS = 10
QUANTITY = 11
TRIGGER = 12  # of an order that has a limit as well; 0: works as a limit order
TRAIL = 13  # a trailing stop's distance: price units, or a rate with OrderFlag.TRAILS_BY_RATE
EXPIRES = 14  # ts, of GTD
ORDER_FLAGS = 15  # domain.orders.OrderFlag
GROUP = 16  # id of the order that leads its group, 0 for none
WORKS_FROM = 17  # ts: PLACED, or when it was released, triggered or amended; events that began
# before it do not meet the order
ORDER_WIDTH = 20

# One request of a strategy: requests[k, column].
REQUEST_KIND = 0  # SUBMIT, CANCEL or AMEND
REQUEST_INSTRUMENT = 1
REQUEST_TYPE = 2
REQUEST_SIDE = 3
REQUEST_QUANTITY = 4
REQUEST_PRICE = 5
REQUEST_TIME_IN_FORCE = 6
REQUEST_ORDER_ID = 7
REQUEST_TRIGGER = 8
REQUEST_TRAIL = 9
REQUEST_EXPIRES = 10
REQUEST_FLAGS = 11
REQUEST_GROUP = 12
REQUEST_WIDTH = 14

NOT_WHOLE = -(2**62)  # a REQUEST_QUANTITY between two of the instrument's smallest

SUBMIT = 1
CANCEL = 2
AMEND = 3  # of REQUEST_ORDER_ID: quantity in all, limit price and trigger, 0 for as it is

# One record of the account journal as the kernels write it: records[k, column].
RECORD_KIND = 0
RECORD_TS = 1
RECORD_INSTRUMENT = 2
RECORD_AT = 3  # EVENTS_SEEN when it was written: the event that caused it
A0, A1, A2, A3, A4, A5, A6, A7, A8, A9 = range(4, 14)
RECORD_WIDTH = 14

# Record kinds, and what A0 to A9 hold.
# ACCEPTED and REFUSED: order id, type, side, quantity, price, time in force + 256 · flags, reason,
# trigger or trail, expires, group
ACCEPTED = 1
REFUSED = 2
# FILLED: order id, side, quantity, price, notional (signed), fee, fill ts, leaves after,
# realized, value of the position after
FILLED = 3
CANCELED = 4  # order id, reason, leaves
EXPIRED = 5  # order id, reason, leaves
ORDER_ADJUSTED = 6  # order id, leaves, price, trigger, trail after a forward split
DIVIDEND_PAID = 7  # cash, position, amount per unit, last price and value after
# SPLIT_APPLIED: new, old, position before and after, worth of the fraction that was left and its
# cost (the worth is paid, of a margined instrument the difference), last price and value after
SPLIT_APPLIED = 8
HALT = 9  # domain.orders.Halt, and the operands of the product that did not fit
CANCEL_REFUSED = 10  # order id, reason
TRIGGERED = 11  # order id, limit price it works at from now on (0: at the market), ts
RELEASED = 12  # order id, first trigger of a trailing stop, ts: the order it waited for was filled
AMENDED = 13  # order id, leaves, price, trigger, reason
AMEND_REFUSED = 14  # order id, reason
FUNDED = 15  # cash, position, rate, mark price
INTEREST_PAID = 16  # cash, its basis, rate, number of the currency; of borrowing: and instrument
SETTLED = 17  # position, price, notional, realized, cash: the instrument ended
LIQUIDATION = 18  # equity, maintenance margin, 1 when closing out begins and 0 when it is over
REJECTED = 19  # order id, reason, leaves: by the venue

# The equity curve: curve[column, k], one k a slice. Each column lies together in memory, so that
# whoever reads one takes it as it is. Shown to readers turned round: (n, CURVE_WIDTH).
CURVE_TS = 0
CURVE_EQUITY = 1
CURVE_CASH = 2
CURVE_WIDTH = 3
