"""The engine's arrays as compiled code takes them: rows of a known width, from a known place.

To Numba a NumPy array is nine words: each is handed on at every call, an index may be negative, a
row's length is looked up, and a number written to one array could have changed any other. A table
is two words, where its numbers lie and how many rows it has; its width is part of its type, an
index is never negative, and two tables of different names never share a number.

An index is not checked. With NUMBA_BOUNDSCHECK=1 the process stops at one that lies outside.
"""

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils, config
from numba.core.typing import signature
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate, infer_global
from numba.extending import (
    infer_getattr,
    intrinsic,
    lower_builtin,
    lower_getattr,
    models,
    overload,
    register_model,
)

from barque.kernels.arrays import IntArray
from barque.kernels.layout import (
    EVENT_WIDTH,
    INSTRUMENT_WIDTH,
    ORDER_WIDTH,
    RECORD_WIDTH,
    REQUEST_WIDTH,
)


class Table(types.Type):  # type: ignore[misc]  # Numba has no types
    """The type of a table of int64; `width` is 0 for a single row, which has columns alone."""

    def __init__(self, of: str, width: int) -> None:
        self.of, self.width = of, width
        super().__init__(name=f"table({of}, {width})")

    @property
    def index(self) -> Any:
        return types.UniTuple(types.intp, 2) if self.width else types.intp


@register_model(Table)
class _Model(models.StructModel):  # type: ignore[misc]  # Numba has no types
    def __init__(self, manager: Any, table: Table) -> None:
        members = [("numbers", types.CPointer(types.int64)), ("rows", types.intp)]
        super().__init__(manager, table, members)


@infer_global(operator.getitem)
class _Get(AbstractTemplate):  # type: ignore[misc]  # Numba has no types
    def generic(self, args: Any, kws: Any) -> Any:
        table, index = args
        if not isinstance(table, Table):
            return None
        if table.width and isinstance(index, types.Integer):
            return signature(Table(table.of, 0), table, types.intp)
        return signature(types.int64, table, table.index)


@infer_global(operator.setitem)
class _Set(AbstractTemplate):  # type: ignore[misc]  # Numba has no types
    def generic(self, args: Any, kws: Any) -> Any:
        table = args[0]
        if not isinstance(table, Table):
            return None
        return signature(types.none, table, table.index, types.int64)


@infer_getattr
class _Attributes(AttributeTemplate):  # type: ignore[misc]  # Numba has no types
    key = Table

    def resolve_shape(self, table: Table) -> Any:
        return types.UniTuple(types.intp, 2) if table.width else types.UniTuple(types.intp, 1)


@lower_getattr(Table, "shape")
def _shape(context: Any, builder: Any, table: Table, value: Any) -> Any:
    rows = cgutils.create_struct_proxy(table)(context, builder, value).rows
    lengths = [rows, context.get_constant(types.intp, table.width)] if table.width else [rows]
    return context.make_tuple(builder, _Attributes(context).resolve_shape(table), lengths)


@lower_builtin(operator.getitem, Table, types.Integer)
@lower_builtin(operator.getitem, Table, types.BaseTuple)
def _get(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    table = sig.args[0]
    place = _place(context, builder, table, *args)
    if isinstance(sig.return_type, Table):
        row = cgutils.create_struct_proxy(sig.return_type)(context, builder)
        row.numbers, row.rows = place, context.get_constant(types.intp, table.width)
        return row._getvalue()
    number = builder.load(place)
    name_memory(number, table.of)
    return number


@lower_builtin(operator.setitem, Table, types.Integer, types.Integer)
@lower_builtin(operator.setitem, Table, types.BaseTuple, types.Integer)
def _set(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    value, index, number = args
    table = sig.args[0]
    name_memory(builder.store(number, _place(context, builder, table, value, index)), table.of)
    return context.get_dummy_value()


def _place(context: Any, builder: Any, table: Table, value: Any, index: Any) -> Any:
    """Return the address of a number, or of a row."""
    whole = cgutils.create_struct_proxy(table)(context, builder, value)
    numbers, column = whole.numbers, None
    if isinstance(index.type, ir.ArrayType):
        index, column = cgutils.unpack_tuple(builder, index, 2)
    if config.BOUNDSCHECK:
        _stop_outside(builder, index, whole.rows)
    if not table.width:
        return builder.gep(numbers, [index], inbounds=True)
    width = context.get_constant(types.intp, table.width)
    place = builder.mul(index, width, flags=["nsw"])
    if column is not None:
        place = builder.add(place, column, flags=["nsw"])
    return builder.gep(numbers, [place], inbounds=True)


def _stop_outside(builder: Any, index: Any, rows: Any) -> None:
    """Stop the process at an index outside of a table."""
    with builder.if_then(builder.icmp_unsigned(">=", index, rows), likely=False):
        trap = ir.FunctionType(ir.VoidType(), [])
        builder.call(builder.module.declare_intrinsic("llvm.trap", (), trap), [])


def name_memory(access: Any, of: str) -> None:
    """Say to what memory a load or a store goes: it cannot meet one that has another name."""
    module = access.module
    root = module.add_metadata([ir.MetaDataString(module, "barque")])
    zero = ir.Constant(ir.IntType(64), 0)
    name = module.add_metadata([ir.MetaDataString(module, of), root, zero])
    access.set_metadata("tbaa", module.add_metadata([name, name, zero]))


def _view(of: str, width: int) -> Callable[[IntArray], IntArray]:
    """Return a function that takes an array as a table where it is compiled."""
    table = Table(of, width)

    def view(array: IntArray) -> IntArray:
        return array

    @intrinsic
    def begin(context: Any, array: Any) -> Any:
        def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            whole = context.make_array(array)(context, builder, args[0])
            made = cgutils.create_struct_proxy(table)(context, builder)
            made.numbers = whole.data
            made.rows = cgutils.unpack_tuple(builder, whole.shape)[0]
            return made._getvalue()

        return table(array), generate

    def taken(array: Any) -> Any:
        return begin(array)

    def same(array: Any) -> Any:
        return array

    @overload(view, jit_options={"forceinline": True, "_nrt": False})
    def compiled(array: Any) -> Any:
        if array == table:
            return same
        is_array = isinstance(array, types.Array) and array.dtype == types.int64
        return taken if is_array and array.layout == "C" else None

    return view


account_of = _view("account", 0)
offer_of = _view("offer", 0)
instruments_of = _view("instruments", INSTRUMENT_WIDTH)
orders_of = _view("orders", ORDER_WIDTH)
requests_of = _view("requests", REQUEST_WIDTH)
records_of = _view("records", RECORD_WIDTH)
events_of = _view("events", EVENT_WIDTH)
