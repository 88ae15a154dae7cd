"""Programs with Functions of their own (`torch.autograd.Function`). See `engine_programs`."""

_SQUARE = """
class Square(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return 2 * x * g
w = T.tensor([1., 2., 3.], requires_grad=True)
"""


def _square(program: str) -> str:
    return _SQUARE + program


def _function(forward: str, backward: str, program: str) -> str:
    """A program with a Function called Fn, whose bodies are on one line each."""
    return f"""
class Fn(T.autograd.Function):
    @staticmethod
    def forward(ctx, *a):
        {forward}
    @staticmethod
    def backward(ctx, *g):
        {backward}
w = T.tensor([1., 2., 3.], requires_grad=True)
x = T.tensor([4., 5., 6.], requires_grad=True)
{program}"""


FUNCTION_PROGRAMS = {
    "square": _square("y = Square.apply(w)\ny.sum().backward()\nout += [y, w.grad, y.grad_fn.name()]"),
    "square twice": _square("y = Square.apply(Square.apply(w))\ny.sum().backward()\nout += [y, w.grad]"),
    "edges": _square(
        "y = Square.apply(w)\nn = y.grad_fn.next_functions\nout += [len(n), type(n[0][0]).__name__, n[0][1]]"
    ),
    "without grad": _square("out += [Square.apply(w.detach())]"),
    "under no_grad": _square("with T.no_grad():\n    out += [Square.apply(w)]"),
    "second backward": _square("y = Square.apply(w).sum()\ny.backward()\ny.backward()"),
    "kept graph": _square("y = Square.apply(w).sum()\ny.backward(retain_graph=True)\ny.backward()\nout += [w.grad]"),
    "double backward": _square("""
g, = T.autograd.grad(Square.apply(w).sum(), w, create_graph=True)
(g * g).sum().backward()
out += [g, w.grad]
"""),
    "saved tensor changed": _square("h = w * 1\ny = Square.apply(h)\nh.add_(1)\ny.sum().backward()"),
    "saved tensor read late": _square(
        "y = Square.apply(w)\nout += [*y.grad_fn.saved_tensors]\ny.sum().backward()\ny.grad_fn.saved_tensors"
    ),
    "mixed arguments": _function(
        "ctx.k = a[1]; return a[0] * a[1]",
        "return g[0] * ctx.k, None",
        "y = Fn.apply(w, 3)\ny.sum().backward()\nout += [y, w.grad, len(y.grad_fn.next_functions)]",
    ),
    "needs_input_grad": _function(
        "out.append(str(ctx.needs_input_grad)); return a[0] * a[2]",
        "out.append(str(ctx.needs_input_grad)); return g[0], None, None",
        "Fn.apply(w, 3, x.detach()).sum().backward()\nout += [w.grad]\nwith T.no_grad():\n    Fn.apply(w, 3, x)",
    ),
    "two outputs": _function(
        "return a[0] * 2, a[0] * 3",
        "out.extend(g); return g[0] * 2 + g[1] * 3",
        "a, b = Fn.apply(w)\nout += [a, b, a.output_nr, b.output_nr]\n(a * b).sum().backward()\nout += [w.grad]",
    ),
    "one of two outputs used": _function(
        "return a[0] * 2, a[0] * 3",
        "out.extend(g); return g[0] * 2 + g[1] * 3",
        "a, b = Fn.apply(w)\nb.sum().backward()\nout += [w.grad]",
    ),
    "not materialized": _function(
        "ctx.set_materialize_grads(False); return a[0] * 2, a[0] * 3",
        "out.append(g[0] is None); return g[1] * 3",
        "a, b = Fn.apply(w)\nb.sum().backward()\nout += [w.grad]",
    ),
    "not differentiable": _function(
        "m = a[0] > 1; ctx.mark_non_differentiable(m); return a[0] * 2, m",
        "out.extend(g); return g[0] * 2",
        "a, m = Fn.apply(w)\nout += [a, m]\na.sum().backward()\nout += [w.grad]",
    ),
    "float not differentiable": _function(
        "m = a[0] * 5; ctx.mark_non_differentiable(m); return a[0] * 2, m",
        "out.extend(g); return g[0] * 2",
        "a, m = Fn.apply(w)\nout += [a, m]\na.sum().backward()\nout += [w.grad]",
    ),
    "returns its input": _function(
        "return a[0]", "return g[0] * 5", "y = Fn.apply(w)\nout += [y, y is w]\ny.sum().backward()\nout += [w.grad]"
    ),
    "returns its input, then in place": _function(
        "return a[0]", "return g[0] * 5", "h = w * 1\ny = Fn.apply(h)\ny.mul_(2)"
    ),
    "returns a view": _function(
        "return a[0].view(3, 1)",
        "return g[0].view(3) * 5",
        "y = Fn.apply(w * 1)\nout += [y]\ny.sum().backward()\nout += [w.grad]",
    ),
    "returns a view, then in place": _function("return a[0].view(3, 1)", "return g[0]", "Fn.apply(w * 1).mul_(2)"),
    "returns a number": _function(
        "return a[0] * 2, 7",
        "out.append(g[1]); return g[0] * 2",
        "y, n = Fn.apply(w)\nout += [y, n]\ny.sum().backward()\nout += [w.grad]",
    ),
    "returns a list": _function("return [a[0] * 2]", "return g[0]", "y = Fn.apply(w)\nout += [type(y).__name__, y[0]]"),
    "returns integers": _function("return a[0].argmax()", "return g[0]", "out += [Fn.apply(w)]"),
    "dirty": _function(
        "a[0].mul_(2); ctx.mark_dirty(a[0]); return a[0]",
        "return g[0] * 2",
        "h = w * 1\ny = Fn.apply(h)\nout += [y is h, h, h._version]\n(y * y).sum().backward()\nout += [w.grad]",
    ),
    "dirty view": _function(
        "a[0].mul_(2); ctx.mark_dirty(a[0]); return a[0]",
        "return g[0] * 2",
        "h = w * 1\nv = h[1:]\ny = Fn.apply(v)\nout += [y is v, h]\n(h * h).sum().backward()\nout += [w.grad]",
    ),
    "dirty leaf": _function("a[0].mul_(2); ctx.mark_dirty(a[0]); return a[0]", "return g[0] * 2", "Fn.apply(w)"),
    "dirty and not returned": _function(
        "a[0].mul_(2); ctx.mark_dirty(a[0]); return a[0] * 1", "return g[0]", "Fn.apply(w * 1)"
    ),
    "too many gradients": _function("return a[0] * 2", "return g[0], g[0]", "Fn.apply(w).sum().backward()"),
    "too many, but None": _function(
        "return a[0] * 2", "return g[0], None, None", "Fn.apply(w).sum().backward()\nout += [w.grad]"
    ),
    "too few gradients": _function("return a[0] * a[1]", "return g[0]", "Fn.apply(w, x).sum().backward()"),
    "gradient of a number": _function("return a[0] * a[1]", "return g[0], g[0]", "Fn.apply(w, 2).sum().backward()"),
    "gradient that is a number": _function("return a[0] * 2", "return 3", "Fn.apply(w).sum().backward()"),
    "gradient of another shape": _function("return a[0] * 2", "return T.ones(2)", "Fn.apply(w).sum().backward()"),
    "gradient to be reduced": _function(
        "return a[0] * 2", "return T.ones(4, 3)", "Fn.apply(w).sum().backward()\nout += [w.grad]"
    ),
    "gradient of another dtype": _function(
        "return a[0] * 2", "return g[0].double()", "Fn.apply(w).sum().backward()\nout += [w.grad]"
    ),
    "None for a tensor": _function(
        "return a[0] * a[1]", "return g[0], None", "Fn.apply(w, x).sum().backward()\nout += [w.grad, x.grad]"
    ),
    "only None": _function("return a[0] * 2", "return None", "Fn.apply(w * 1).sum().backward()\nout += [w.grad]"),
    "save a number": _function("ctx.save_for_backward(3); return a[0] * 2", "return g[0]", "Fn.apply(w)"),
    "save None": _function(
        "ctx.save_for_backward(None, a[0]); return a[0] * 2",
        "out.extend(ctx.saved_tensors); return g[0]",
        "Fn.apply(w).sum().backward()",
    ),
    "save the result": _function(
        "y = a[0].exp(); ctx.save_for_backward(y); return y",
        "y, = ctx.saved_tensors; out.append(y); return g[0] * y",
        "Fn.apply(w).sum().backward()\nout += [w.grad]",
    ),
    "double backward through the result": _function(
        "y = a[0].exp(); ctx.save_for_backward(y); return y",
        "y, = ctx.saved_tensors; return g[0] * y",
        "g, = T.autograd.grad(Fn.apply(w).sum(), w, create_graph=True)\n(g * g).sum().backward()\nout += [g, w.grad]",
    ),
    "save something on the way": _function(
        "y = a[0] * 3; ctx.save_for_backward(y); return y + 1",
        "y, = ctx.saved_tensors; out.append(y); return g[0] * 3",
        "Fn.apply(w).sum().backward()\nout += [w.grad]",
    ),
    "saved twice": _function(
        "ctx.save_for_backward(a[0]); ctx.save_for_backward(a[0] * 2); return a[0] + 1",
        "out.extend(ctx.saved_tensors); return g[0]",
        "Fn.apply(w).sum().backward()",
    ),
    "setup_context": """
class Fn(T.autograd.Function):
    @staticmethod
    def forward(x, k):
        return x * k
    @staticmethod
    def setup_context(ctx, inputs, output):
        x, ctx.k = inputs
        ctx.save_for_backward(x, output)
        out.extend([x, output, T.is_grad_enabled()])
    @staticmethod
    def backward(ctx, g):
        out.extend(ctx.saved_tensors)
        return g * ctx.k, None
w = T.tensor([1., 2.], requires_grad=True)
Fn.apply(w, 3).sum().backward()
out += [w.grad]
""",
    "no forward": "class Fn(T.autograd.Function):\n    pass\nFn.apply(T.ones(1, requires_grad=True))",
    "no backward": """
class Fn(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2
Fn.apply(T.ones(1, requires_grad=True)).backward()
""",
    "called": _square("Square()(w)"),
    "grad modes": _function(
        "out.append(T.is_grad_enabled()); return a[0] * 2",
        "out.append(T.is_grad_enabled()); return g[0]",
        "y = Fn.apply(w).sum()\ny.backward(retain_graph=True)\ny.backward(create_graph=True)",
    ),
    "once differentiable": """
from importlib import import_module
once = T.autograd.function.once_differentiable
class Fn(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x
    @staticmethod
    @once
    def backward(ctx, g):
        out.append(T.is_grad_enabled())
        return 2 * ctx.saved_tensors[0] * g
w = T.ones(2, requires_grad=True)
s = T.ones(2, requires_grad=True)
g, = T.autograd.grad(Fn.apply(w), w, s, create_graph=True)
out += [g.requires_grad]
g.sum().backward()
""",
    "enable_grad in forward": _function(
        "y = a[0].detach().requires_grad_()\n        with T.enable_grad():\n            z = (y ** 3).sum()\n"
        "        ctx.g, = T.autograd.grad(z, y)\n        return z.detach()",
        "return g[0] * ctx.g",
        "y = Fn.apply(w)\ny.backward()\nout += [y, w.grad]",
    ),
    "hooks": _square("""
y = Square.apply(w)
y.register_hook(lambda g: g * 2)
y.grad_fn.register_hook(lambda o, i: (o[0] * 3,))
y.grad_fn.register_prehook(lambda g: (g[0] * 5,))
y.retain_grad()
y.sum().backward()
out += [y.grad, w.grad]
"""),
    "backward raises": _function(
        "return a[0] * 2",
        "return g[0].nothing",
        """
y = Fn.apply(w).sum()
try:
    y.backward()
except AttributeError:
    out += ['raised', T.is_grad_enabled()]
(w * 2).sum().backward()
out += [w.grad]
""",
    ),
    "forward raises": _function(
        "raise KeyError('x')",
        "return g[0]",
        """
try:
    Fn.apply(w)
except KeyError:
    out += ['raised', T.is_grad_enabled()]
out += [w * 2]
""",
    ),
    "straight through": _function(
        "return a[0].round()", "return g[0]", "Fn.apply(w * 1.3).sum().backward()\nout += [w.grad]"
    ),
    "attributes of the node": _function(
        "ctx.k = 3; return a[0] * 3", "return g[0]", "y = Fn.apply(w)\nout += [y.grad_fn.k, y.grad_fn.needs_input_grad]"
    ),
    "same input twice": _function(
        "return a[0] * a[1]",
        "return g[0] * 2, g[0] * 3",
        "y = Fn.apply(w, w)\ny.sum().backward()\nout += [w.grad, len(y.grad_fn.next_functions)]",
    ),
    "in a module": _square("""
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(T.tensor([1., 2., 3.]))
    def forward(self, x):
        return Square.apply(x * self.w)
m = Net()
m(w).sum().backward()
out += [m.w.grad, w.grad]
"""),
}
