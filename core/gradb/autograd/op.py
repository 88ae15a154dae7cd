"""What an op is: `Op(...)` keeps the forward function beside the gradient of each input and its formula.

    mul = Op(
        "MulBackward0",
        lambda self, other: self * other,
        symbol="self · other",
        self=Grad("∂L/∂out · other", lambda grad, other: grad * other),
        other=Grad("∂L/∂out · self", lambda grad, self: grad * self),
    )

The names of a gradient's parameters say what it needs saved: an input (`other`), an argument (`dim`), an output
(`result`), an input's shape (`self_sym_sizes`) or number of elements (`self_sym_numel`); `grad` is ∂L/∂out. These are
the names that torch's nodes give their saved fields. A tensor that no wanted gradient needs is not saved.

Formulas are written once. They use operators and the functions of `gradb.ops.lib`, which take arrays and tensors
alike: a plain backward runs them on arrays, `create_graph=True` on tensors.
"""

import inspect
from collections.abc import Callable
from typing import Any

import msgspec

from gradb.autograd.node import Node, node_type
from gradb.trace.events import OpInfo

PARAMETER, OUTPUT, SIZES, NUMEL, STRIDES, NOTHING, SIZES_OR_ZERO, FIRST_SIZE = range(
    8
)  # where a saved field comes from

Plan = tuple[tuple[int, int], ...]


class Grad:
    """The gradient of one input: the formula a reader sees, and the function that computes it."""

    __slots__ = ("formula", "function", "needs")

    def __init__(self, formula: str, function: Callable[..., Any]) -> None:
        self.formula = formula
        self.function = function
        self.needs = tuple(inspect.signature(function).parameters)[1:]


class Op:
    """One function on arrays, differentiable in the inputs that have a `Grad`.

    `node`: the name of its backward function in torch. `forward` takes the arrays (or plain numbers) of the inputs,
    then the arguments, and returns an array, or a tuple of arrays where `outputs` names several. `inputs`: how many of
    the forward's parameters are tensors; a `variadic` op takes one tuple of tensors instead, and its only gradient
    returns a list. `elementwise` ops follow broadcasting and type promotion. A `view` op's array lies in its input's
    memory. `shows`: fields that no gradient needs, but that torch's node keeps too. Of elementwise ops,
    `no_bools` are not for operands of bools, and `makes_floats` turn integers into floats.
    """

    __slots__ = (
        "_in_place",
        "calls",
        "differentiable",
        "elementwise",
        "fields",
        "forward",
        "gradients",
        "info",
        "inputs",
        "makes_floats",
        "no_bools",
        "node_type",
        "nondifferentiable",
        "outputs",
        "parameters",
        "plans",
        "shows",
        "single",
        "tensors",
        "variadic",
        "view",
    )

    def __init__(
        self,
        node: str,
        forward: Callable[..., Any],
        /,
        *,
        name: str,
        symbol: str = "",
        inputs: int | None = None,
        outputs: tuple[str, ...] = ("result",),
        nondifferentiable: tuple[str, ...] = (),
        shows: tuple[str, ...] = (),
        elementwise: bool = False,
        variadic: bool = False,
        view: bool = False,
        no_bools: bool = False,
        makes_floats: bool = False,
        **gradients: Grad,
    ) -> None:
        self.parameters = tuple(inspect.signature(forward).parameters)
        self.inputs = inputs if inputs is not None else max(len(gradients), 1)
        names = self.parameters[: self.inputs]
        unknown = set(gradients) - set(names)
        if unknown:
            raise TypeError(f"op {name}: a gradient for {sorted(unknown)}, which is no input; the inputs are {names}")
        self.forward: Callable[..., Any] = forward
        self.gradients = tuple(gradients.get(input_name) for input_name in names)
        self.differentiable = any(gradient is not None for gradient in self.gradients)
        self.outputs = outputs
        self.nondifferentiable = frozenset(outputs.index(output) for output in nondifferentiable)
        self.elementwise = elementwise
        self.variadic = variadic
        self.tensors = frozenset((*names, *outputs))
        self.view = view
        self.single = len(outputs) == 1 and not (elementwise or variadic or view)
        self.no_bools = no_bools
        self.makes_floats = makes_floats
        self.shows = frozenset(shows)
        self.fields = self._fields(shows)
        self.calls = tuple(self._call(gradient) for gradient in self.gradients)
        self.plans: dict[tuple[bool, ...], Plan] = {}
        self.info = OpInfo(
            name=name,
            inputs=self.parameters,
            symbol=symbol,
            gradients={n: g.formula for n, g in zip(names, self.gradients, strict=True) if g is not None},
        )
        self._in_place: OpInfo | None = None
        self.node_type: type[Node] = node_type(node, self)

    @property
    def in_place(self) -> OpInfo:
        """What events call the op where it writes into its first input: `add_`."""
        if self._in_place is None:
            self._in_place = msgspec.structs.replace(self.info, name=f"{self.info.name}_")
        return self._in_place

    def wants(self, wanted: tuple[bool, ...]) -> bool:
        """Whether any input that requires grad has a gradient."""
        if self.variadic:
            return any(wanted)
        return any(w and g is not None for w, g in zip(wanted, self.gradients, strict=True))

    def plan(self, wanted: tuple[bool, ...]) -> Plan:
        """Where each field comes from when these inputs want a gradient; NOTHING for a field that none of them needs.

        A variadic op's only gradient serves all of its tensors.
        """
        wanted_gradients = (
            self.gradients if self.variadic else [g for g, want in zip(self.gradients, wanted, strict=True) if want]
        )
        needed = {field for gradient in wanted_gradients if gradient is not None for field in gradient.needs}
        plan = self.plans[wanted] = tuple(
            self._source(field) if field in needed or field not in self.tensors or field in self.shows else (NOTHING, 0)
            for field in self.fields
        )
        return plan

    def _source(self, field: str) -> tuple[int, int]:
        if field in self.parameters:
            return PARAMETER, self.parameters.index(field)
        if field in self.outputs:
            return OUTPUT, self.outputs.index(field)
        for kind, suffix in (
            (SIZES, "_sym_sizes"),
            (NUMEL, "_sym_numel"),
            (STRIDES, "_sym_strides"),
            (SIZES_OR_ZERO, "_sym_sizes_opt"),
            (FIRST_SIZE, "_sym_argsize_0"),
        ):
            if field.endswith(suffix):
                return kind, self.parameters.index(field.removesuffix(suffix))
        raise TypeError(f"a gradient needs {field!r}, which is no input, argument or output, nor an input's sizes")

    def _fields(self, shows: tuple[str, ...]) -> tuple[str, ...]:
        """Every field that some gradient needs or torch shows: the parameters, then outputs, then sizes."""
        needed = {field for gradient in self.gradients if gradient is not None for field in gradient.needs} | set(shows)
        ordered = [field for field in (*self.parameters, *self.outputs) if field in needed]
        return (*ordered, *sorted(needed - set(ordered)))

    def _call(self, gradient: Grad | None) -> Callable[[Any, list[Any]], Any]:
        """The gradient as a function of (grad, values of the fields). Up to two needs are the rule, and a hot path."""
        if gradient is None:
            return _no_gradient
        function = gradient.function
        at = tuple(self.fields.index(field) for field in gradient.needs)
        match at:
            case ():
                return lambda grad, values: function(grad)
            case (first,):
                return lambda grad, values: function(grad, values[first])
            case (first, second):
                return lambda grad, values: function(grad, values[first], values[second])
            case _:
                return lambda grad, values: function(grad, *[values[i] for i in at])


def _no_gradient(grad: Any, values: list[Any]) -> None:
    return None
