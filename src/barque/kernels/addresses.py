"""What compiled code does at addresses: read a number, fetch a line, write numbers of four bars."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from barque.domain.instruments import LARGEST_VALUE

FOUR = ir.VectorType(ir.DoubleType(), 4)
WHOLE = ir.IntType(64)
FOUR_WHOLE = ir.VectorType(WHOLE, 4)


@intrinsic
def float_at(context: Any, address: Any) -> Any:
    """Return the float64 at an address."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(builder.inttoptr(args[0], ir.DoubleType().as_pointer()))

    return types.float64(types.int64), generate


@intrinsic
def int_at(context: Any, address: Any) -> Any:
    """Return the int64 at an address."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(builder.inttoptr(args[0], ir.IntType(64).as_pointer()))

    return types.int64(types.int64), generate


@intrinsic
def prefetch(context: Any, address: Any) -> Any:
    """Have the processor fetch what lies at an address; harmless where nothing lies."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        builder.call(fetch, [builder.inttoptr(args[0], byte), number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(types.int64), generate


@intrinsic
def write_numbers(
    context: Any,
    open_: Any,
    high: Any,
    low: Any,
    close: Any,
    volume: Any,
    prices_whole: Any,
    sizes_whole: Any,
    price_scale: Any,
    size_scale: Any,
    place: Any,
    stride: Any,
) -> Any:
    """Write prices and volumes of four bars as units; say if they must be looked at one by one.

    The columns begin at five addresses, float64 or, if they are whole, int64, and are multiplied by
    their scale. At `place`, and each `stride` bytes later, go open, high, low, close and volume of
    one bar: five int64 beside one another. True where a product may be a tie, prices are not
    between low and high, or a number is out of range: what was written means nothing then.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        *prices, volume, prices_whole, sizes_whole, price_scale, size_scale, place, stride = args
        products = _products(builder, prices, prices_whole, price_scale)
        products += _products(builder, [volume], sizes_whole, size_scale)
        units = [_each(builder, "rint", column) for column in products]
        *prices, volumes = [builder.fptosi(column, FOUR_WHOLE) for column in units]
        for k, bar in enumerate(_turned(builder, *prices)):
            builder.store(bar, builder.inttoptr(place, FOUR_WHOLE.as_pointer()), align=8)
            after = builder.inttoptr(builder.add(place, place.type(32)), WHOLE.as_pointer())
            builder.store(builder.extract_element(volumes, ir.IntType(32)(k)), after)
            place = builder.add(place, stride)
        return _any(builder, [*_ties(builder, products, units), *_insane(builder, *units)])

    addresses, whole = [types.int64] * 5, [types.boolean] * 2
    scales, places = [types.float64] * 2, [types.int64] * 2
    return types.boolean(*addresses, *whole, *scales, *places), generate


def _products(builder: Any, columns: Sequence[Any], are_whole: Any, scale: Any) -> list[Any]:
    scale = _four_times(builder, scale)
    return [builder.fmul(column, scale) for column in _read(builder, columns, are_whole)]


def _ties(builder: Any, products: Sequence[Any], units: Sequence[Any]) -> list[Any]:
    """Return what is as far from the unit below as from the one above; no number is as well."""
    half = ir.Constant(FOUR, [0.5] * 4)
    lost = [builder.fsub(one, unit) for one, unit in zip(products, units, strict=True)]
    return [builder.fcmp_unordered("==", _each(builder, "fabs", one), half) for one in lost]


def _insane(builder: Any, open_: Any, high: Any, low: Any, close: Any, volume: Any) -> list[Any]:
    """Return what may not be true of any bar."""
    nothing, largest = (ir.Constant(FOUR, [bound] * 4) for bound in (0.0, float(LARGEST_VALUE)))
    wrong = (
        (low, ">", open_),
        (low, ">", close),
        (open_, ">", high),
        (close, ">", high),
        (low, "<=", nothing),
        (high, ">", largest),
        (volume, "<", nothing),
        (volume, ">", largest),
    )
    return [builder.fcmp_unordered(relation, one, other) for one, relation, other in wrong]


def _any(builder: Any, faults: Sequence[Any]) -> Any:
    """Return whether anything of four bars is true."""
    all_ = ir.IntType(4)
    return builder.icmp_unsigned("!=", builder.bitcast(reduce(builder.or_, faults), all_), all_(0))


def _read(builder: Any, columns: Sequence[Any], are_whole: Any) -> list[Any]:
    """Return the next four numbers of each column as float64."""
    with builder.if_else(are_whole) as (then, otherwise):
        with then:
            whole = [builder.sitofp(_load(builder, one, FOUR_WHOLE), FOUR) for one in columns]
            after_whole = builder.block
        with otherwise:
            decimal = [_load(builder, one, FOUR) for one in columns]
            after_decimal = builder.block
    read = []
    for one, other in zip(whole, decimal, strict=True):
        read.append(builder.phi(FOUR))
        read[-1].add_incoming(one, after_whole)
        read[-1].add_incoming(other, after_decimal)
    return read


def _load(builder: Any, address: Any, kind: Any) -> Any:
    return builder.load(builder.inttoptr(address, kind.as_pointer()), align=8)


def _turned(builder: Any, open_: Any, high: Any, low: Any, close: Any) -> list[Any]:
    """Return four bars, of four columns each, for four columns of four bars."""
    first, second = [0, 4, 2, 6], [1, 5, 3, 7]
    begun = [_mixed(builder, open_, high, places) for places in (first, second)]
    ended = [_mixed(builder, low, close, places) for places in (first, second)]
    return [
        _mixed(builder, begun[bar % 2], ended[bar % 2], [0, 1, 4, 5] if bar < 2 else [2, 3, 6, 7])
        for bar in range(4)
    ]


def _mixed(builder: Any, one: Any, other: Any, places: Sequence[int]) -> Any:
    """Return four numbers by their places among those of two vectors."""
    mask = ir.Constant(ir.VectorType(ir.IntType(32), 4), list(places))
    return builder.shuffle_vector(one, other, mask)


def _four_times(builder: Any, number: Any) -> Any:
    nothing = ir.Constant(FOUR, ir.Undefined)
    one = builder.insert_element(nothing, number, ir.IntType(32)(0))
    return _mixed(builder, one, nothing, [0, 0, 0, 0])


def _each(builder: Any, name: str, four: Any) -> Any:
    """Return what a function of LLVM makes of each of four numbers."""
    kind = ir.FunctionType(FOUR, [FOUR])
    function = builder.module.declare_intrinsic(f"llvm.{name}.v4f64", (), kind)
    return builder.call(function, [four])
