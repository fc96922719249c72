"""A bound strategy as a Numba value: numbers in slots, arrays by name, methods compiled on use.

Numba's own jitclass counts references atomically, cannot be cached and starts in compiled code.
Here an ordinary Python object, after its `on_start`, is described as a struct over flat arrays:
its int and float attributes live in two slot arrays, its NumPy arrays are passed as they are.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils, imputils
from numba.core.datamodel import models, register_default
from numba.core.errors import TypingError
from numba.core.imputils import lower_builtin, lower_getattr_generic, lower_setattr_generic
from numba.core.registry import cpu_target
from numba.core.typing import templates
from numba.extending import intrinsic

from barque.domain.errors import BadInput
from barque.kernels.compile import JIT
from barque.kernels.tables import name_memory
from barque.strategies.strategy import Strategy

INT = types.int64
FLOAT = types.float64
ELEMENTS = {
    np.dtype(np.int64): INT,
    np.dtype(np.int32): types.int32,
    np.dtype(np.float64): FLOAT,
}
"""What the arrays of a compiled strategy may hold."""
SLOTS = "slots"
"""The memory of a strategy's numbers."""


@cache
def _array_type(element: "np.dtype[Any]", dimensions: int) -> types.Type:
    return types.Array(ELEMENTS[element], dimensions, "C")


class StrategyType(types.Type):  # type: ignore[misc]  # Numba has no types
    """The Numba type of one strategy class with one set of attributes."""

    def __init__(self, layout: "Layout") -> None:
        self.layout = layout
        super().__init__(name=f"{layout.owner.__qualname__}{layout.describe()}")

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.layout.owner, self.layout.describe())


class Layout:
    """Which attribute of a strategy lives where. Made from an instance after `on_start`."""

    def __init__(self, strategy: Strategy) -> None:
        self.owner = type(strategy)
        self.ints: list[str] = []
        self.floats: list[str] = []
        self.arrays: dict[str, types.Type] = {}
        self.other: dict[str, str] = {}
        self.methods: dict[str, Any] = {}
        for name, value in sorted(vars(strategy).items()):
            self._place(name, value)

    def _place(self, name: str, value: Any) -> None:
        if isinstance(value, bool | int | np.integer):
            self.ints.append(name)
        elif isinstance(value, float | np.floating):
            self.floats.append(name)
        elif isinstance(value, np.ndarray) and value.dtype in ELEMENTS:
            if not (value.flags.c_contiguous and value.flags.writeable):
                raise BadInput(
                    f"{self.owner.__name__}.{name} is not a contiguous, writeable array; "
                    "copy it in on_start."
                )
            self.arrays[name] = _array_type(value.dtype, value.ndim)
        else:
            self.other[name] = type(value).__name__

    def describe(self) -> str:
        arrays = {name: str(of) for name, of in self.arrays.items()}
        return f"({self.ints}, {self.floats}, {arrays})"

    def type_of(self, name: str) -> types.Type | None:
        if name in self.ints:
            return INT
        return FLOAT if name in self.floats else self.arrays.get(name)

    def method(self, name: str) -> Any:
        """Return a method of the class, compiled when it is called; `None` if there is none."""
        if name not in self.methods:
            function = getattr(self.owner, name, None)
            if not callable(function):
                return None
            _implement_method(name)
            self.methods[name] = njit(**(JIT | {"cache": False}))(function)
        return self.methods[name]

    def read(self, strategy: Strategy) -> tuple[Any, Any, tuple[Any, ...]]:
        """Return the attributes as (ints, floats, arrays)."""
        ints = np.array([int(getattr(strategy, name)) for name in self.ints], np.int64)
        floats = np.array([float(getattr(strategy, name)) for name in self.floats], np.float64)
        return ints, floats, tuple(getattr(strategy, name) for name in self.arrays)

    def write(self, strategy: Strategy, ints: Any, floats: Any) -> None:
        """Put the slots back into the attributes; arrays were changed in place."""
        for name, value in zip(self.ints, ints.tolist(), strict=True):
            setattr(strategy, name, value)
        for name, value in zip(self.floats, floats.tolist(), strict=True):
            setattr(strategy, name, value)


@register_default(StrategyType)
class _StrategyModel(models.StructModel):  # type: ignore[misc]  # Numba has no types
    """Two slot arrays, then the strategy's own arrays."""

    def __init__(self, manager: Any, of: StrategyType) -> None:
        slots = [("ints", types.Array(INT, 1, "C")), ("floats", types.Array(FLOAT, 1, "C"))]
        arrays = [(f"array_{name}", kind) for name, kind in of.layout.arrays.items()]
        super().__init__(manager, of, slots + arrays)


def packer(of: StrategyType) -> Callable[..., Any]:
    """Return the compiled function (ints, floats, arrays) -> the strategy's value."""

    @intrinsic
    def pack(context: Any, ints: Any, floats: Any, arrays: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            value = cgutils.create_struct_proxy(of)(context, builder)
            value.ints, value.floats = args[0], args[1]
            for k, name in enumerate(of.layout.arrays):
                setattr(value, f"array_{name}", builder.extract_value(args[2], k))
            return value._getvalue()

        return of(ints, floats, arrays), generate

    return pack


_implemented: set[str] = set()


@templates.infer_getattr
class _StrategyAttributes(templates.AttributeTemplate):  # type: ignore[misc]  # the same
    """Types of `self.name` inside a compiled hook."""

    key = StrategyType

    def generic_resolve(self, of: StrategyType, name: str) -> Any:
        found = of.layout.type_of(name)
        if found is not None:
            return found
        method = of.layout.method(name)
        if method is None:
            raise TypingError(_no_attribute(of.layout, name))
        compiled_method = types.Dispatcher(method)

        class Method(templates.AbstractTemplate):  # type: ignore[misc]  # the same
            key = (StrategyType, name)

            def generic(self, args: Any, kws: Any) -> Any:
                signature = compiled_method.get_call_type(self.context, (of, *args), kws)
                return signature.as_method()

        return types.BoundFunction(Method, of)


def _no_attribute(layout: Layout, name: str) -> str:
    kind = layout.other.get(name)
    if kind is None:
        return f"{layout.owner.__name__} has no attribute {name!r}; set it in on_start."
    return (
        f"{layout.owner.__name__}.{name} is a {kind}; a compiled strategy keeps ints, floats, and "
        "NumPy arrays of int64, int32 or float64. Leave out @compiled to use anything."
    )


@lower_getattr_generic(StrategyType)
def _get_attribute(context: Any, builder: Any, of: StrategyType, value: Any, name: str) -> Any:
    proxy = cgutils.create_struct_proxy(of)(context, builder, value=value)
    if name in of.layout.arrays:
        return getattr(proxy, f"array_{name}")
    number = builder.load(_slot(context, builder, of, proxy, name))
    name_memory(number, SLOTS)
    return number


@lower_setattr_generic(StrategyType)
def _set_attribute(context: Any, builder: Any, signature: Any, args: Any, name: str) -> None:
    of = signature.args[0]
    if name in of.layout.arrays:
        raise TypingError(f"{of.layout.owner.__name__}.{name} is an array; change its elements.")
    proxy = cgutils.create_struct_proxy(of)(context, builder, value=args[0])
    name_memory(builder.store(args[1], _slot(context, builder, of, proxy, name)), SLOTS)


def _slot(context: Any, builder: Any, of: StrategyType, proxy: Any, name: str) -> Any:
    """Return the address of a number's slot."""
    is_int = name in of.layout.ints
    names, array = (of.layout.ints, proxy.ints) if is_int else (of.layout.floats, proxy.floats)
    kind = types.Array(INT if is_int else FLOAT, 1, "C")
    data = context.make_array(kind)(context, builder, value=array).data
    return builder.gep(data, [ir.Constant(ir.IntType(64), names.index(name))])


def _implement_method(name: str) -> None:
    """Teach Numba to call `name` on any strategy: the receiver's type says which function it is."""
    if name in _implemented:
        return
    _implemented.add(name)

    @lower_builtin((StrategyType, name), StrategyType, types.VarArg(types.Any))
    def call_method(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        method = types.Dispatcher(signature.args[0].layout.method(name))
        call = context.get_function(method, signature)
        result = call(builder, args)
        for library in getattr(call, "libs", ()):
            context.add_linking_libs([library])
        return imputils.impl_ret_new_ref(context, builder, signature.return_type, result)

    cpu_target.target_context.refresh()
