"""What a Function's forward returned takes its place in the graph, and the recorder is told of one op."""

import inspect
import re
from typing import Any

from gradb.autograd import inplace
from gradb.autograd.context import FunctionCtx
from gradb.autograd.function_node import FunctionNode
from gradb.autograd.mode import mode
from gradb.autograd.storage import join
from gradb.autograd.tensor import Tensor
from gradb.autograd.views import View
from gradb.trace.events import OpInfo

_LOOKS_LIKE_A_FORMULA = re.compile(r"[=·*/+²³√^]|\w\(")


def take_outputs(function: type, ctx: FunctionCtx, node: FunctionNode | None, args: tuple[Any, ...], found: Any) -> Any:
    """Ties what forward returned to the node; returns it, with an alias in the place of an input returned as it is.

    Raises RuntimeError for an input that is marked dirty and not returned, or that may not be changed in place.
    """
    several = isinstance(found, tuple)
    outputs: tuple[Any, ...] = found if several else (found,)
    for tensor in ctx._dirty:
        if not any(output is tensor for output in outputs):
            raise RuntimeError(f"{function.__name__}: an input marked dirty was changed in place and must be returned")
    if node is not None:
        metas = [(o._array.shape, o._array.dtype) if isinstance(o, Tensor) else None for o in outputs]
        node.results = tuple(metas)
        first = metas[0] if metas else None
        if len(outputs) == 1 and first is not None:
            node.shape, node.dtype = first
        else:
            node.metas = tuple([meta or ((), None) for meta in metas])
    taken = tuple([_taken(ctx, node, number, args, output) for number, output in enumerate(outputs)])
    if node is not None:
        ctx.keep(node, taken)
        node.keeps = bool(ctx._saved)
    _record(function, ctx, node, args, taken)
    ctx._dirty = ctx._constant = ()
    return taken if several else taken[0]


def _taken(ctx: FunctionCtx, node: FunctionNode | None, number: int, args: tuple[Any, ...], output: Any) -> Any:
    if not isinstance(output, Tensor):
        return output
    is_input = any(output is arg for arg in args)
    constant = node is None or output._array.dtype.kind != "f" or any(output is t for t in ctx._constant)
    if any(output is tensor for tensor in ctx._dirty):
        output._storage.version += 1
        if node is not None:
            inplace.check_writable(output)
            inplace.rebase(output, node)
            output._output_nr = number
        return output
    if is_input:
        alias = Tensor._wrap(output._array, None, 0, output._storage)
        join(output, alias)
        base = output if output._view is None else output._view.base
        alias._view = View(base, output._storage.version, without_grad=True, of_function=True)
        output = alias
    elif constant:
        output._requires_grad = False
        return output
    if constant:
        return output
    output._grad_fn = node
    output._output_nr = number
    output._requires_grad = True
    if output._view is not None:
        output._view.of_function = True
        output._view.borrowed = False
    return output


def _record(
    function: type, ctx: FunctionCtx, node: FunctionNode | None, args: tuple[Any, ...], outputs: tuple[Any, ...]
) -> None:
    recorder = mode.recorder
    if recorder is None:
        return
    info = _info(function, len(args))
    made = [output for output in outputs if isinstance(output, Tensor)]
    for tensor in ctx._dirty:
        before = tensor._state.array if tensor._run is recorder.token else tensor._array
        rest = tuple([arg for arg in args if arg is not tensor])
        recorder.written(tensor, before, info, (tensor, *rest), node, (), mode.grad_enabled)
        made = [output for output in made if output is not tensor]
    if made or not ctx._dirty:
        recorder.forward_many(info, args, made, node, mode.grad_enabled)


_infos: dict[tuple[type, int], OpInfo] = {}


def _info(function: type, count: int) -> OpInfo:
    """What events say of a Function: its formula is the first line of its docstring, or a call of its name."""
    info = _infos.get((function, count))
    if info is None:
        name = function.__name__
        names = _parameters(function, count)
        back = _formula(function.backward) or f"{name}.backward(∂L/∂out)"  # type: ignore[attr-defined]  # the class is a Function
        symbol = _formula(function) or f"{name}({', '.join(names)})"
        info = OpInfo(name, names, symbol.removeprefix("out = "), dict.fromkeys(names, back))
        _infos[(function, count)] = info
    return info


def _parameters(function: Any, count: int) -> tuple[str, ...]:
    given = list(inspect.signature(function.forward).parameters.values())
    if "setup_context" not in {name for kind in function.__mro__[:-2] for name in vars(kind)}:
        given = given[1:]
    plain = [p.name for p in given if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return (*plain[:count], *[f"args{i}" for i in range(count - len(plain))])


def _formula(documented: Any) -> str:
    text = (vars(documented).get("__doc__") if isinstance(documented, type) else documented.__doc__) or ""
    line = text.strip().split("\n")[0].strip()
    return "" if line.endswith(".") or not _LOOKS_LIKE_A_FORMULA.search(line) else line
