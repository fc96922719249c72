"""What compiled code does at addresses: read a number, fetch a line, write four prices at once."""

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from barque.domain.instruments import LARGEST_VALUE

FOUR = ir.VectorType(ir.DoubleType(), 4)
FOUR_WHOLE = ir.VectorType(ir.IntType(64), 4)
HIGH, LOW = 1, 2
"""Where they stand among open, high, low and close."""


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
def write_prices(
    context: Any,
    open_: Any,
    high: Any,
    low: Any,
    close: Any,
    are_whole: Any,
    scale: Any,
    place: Any,
) -> Any:
    """Write the prices of a bar as units; return whether they must be looked at one by one.

    They are read at four addresses, float64 or, if they are whole, int64, and multiplied by
    `scale`; at `place` go open, high, low and close, four int64 beside one another. True where a
    product may be a tie, is not between low and high, or is no price: what was written means
    nothing then.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        *addresses, are_whole, scale, place = args
        products = builder.fmul(_numbers(builder, addresses, are_whole), _four(builder, scale))
        units = _each(builder, "rint", products)
        place = builder.inttoptr(place, FOUR_WHOLE.as_pointer())
        builder.store(builder.fptosi(units, FOUR_WHOLE), place, align=8)
        lost = _each(builder, "fabs", builder.fsub(products, units))
        odd = builder.fcmp_unordered("==", lost, ir.Constant(FOUR, [0.5] * 4))
        for wrong, bound in (
            ("<", _all(builder, units, LOW)),
            (">", _all(builder, units, HIGH)),
            ("<=", ir.Constant(FOUR, [0.0] * 4)),
            (">", ir.Constant(FOUR, [float(LARGEST_VALUE)] * 4)),
        ):
            odd = builder.or_(odd, builder.fcmp_unordered(wrong, units, bound))
        any_of = ir.IntType(4)
        return builder.icmp_unsigned("!=", builder.bitcast(odd, any_of), any_of(0))

    addresses = [types.int64] * 4
    return types.boolean(*addresses, types.boolean, types.float64, types.int64), generate


def _numbers(builder: Any, addresses: Sequence[Any], are_whole: Any) -> Any:
    """Return the numbers at four addresses as float64."""
    with builder.if_else(are_whole) as (then, otherwise):
        with then:
            whole = builder.sitofp(_read(builder, addresses, ir.IntType(64)), FOUR)
            after_whole = builder.block
        with otherwise:
            decimal = _read(builder, addresses, ir.DoubleType())
            after_decimal = builder.block
    numbers = builder.phi(FOUR)
    numbers.add_incoming(whole, after_whole)
    numbers.add_incoming(decimal, after_decimal)
    return numbers


def _read(builder: Any, addresses: Sequence[Any], kind: Any) -> Any:
    read = ir.Constant(ir.VectorType(kind, 4), ir.Undefined)
    for k, address in enumerate(addresses):
        number = builder.load(builder.inttoptr(address, kind.as_pointer()))
        read = builder.insert_element(read, number, ir.IntType(32)(k))
    return read


def _four(builder: Any, number: Any) -> Any:
    """Return one number four times."""
    nothing = ir.Constant(FOUR, ir.Undefined)
    return _all(builder, builder.insert_element(nothing, number, ir.IntType(32)(0)), 0)


def _all(builder: Any, four: Any, k: int) -> Any:
    """Return number k of four, four times."""
    places = ir.Constant(ir.VectorType(ir.IntType(32), 4), [k] * 4)
    return builder.shuffle_vector(four, four, places)


def _each(builder: Any, name: str, four: Any) -> Any:
    """Return what a function of LLVM makes of each of four numbers."""
    kind = ir.FunctionType(FOUR, [FOUR])
    function = builder.module.declare_intrinsic(f"llvm.{name}.v4f64", (), kind)
    return builder.call(function, [four])
