"""Small programs in PyTorch's words, and `outcome`: what one gives on an engine, or the class of what it raises.

A program uses `T` (torch or gradb's dialect), `nn`, `F` and `optim`, and puts what counts into the list `out`.
"""

import warnings
from typing import Any

PROGRAMS = {
    "leaf": """
x = T.tensor([2.])
w = T.tensor([3.], requires_grad=True)
b = T.tensor([1.], requires_grad=True)
y = w * x
z = y + b
z.backward()
out += [y, z, w.grad, b.grad, x.grad, z.is_leaf, w.is_leaf]
""",
    "accumulates": """
w = T.ones(2, requires_grad=True)
for _ in range(3):
    (w * w).sum().backward()
out += [w.grad]
""",
    "zero grad keeps object": """
w = T.ones(2, requires_grad=True)
w.sum().backward()
g = w.grad
g.zero_()
(w * 3).sum().backward()
out += [g, w.grad is g]
""",
    "grad to None": """
w = T.ones(2, requires_grad=True)
w.sum().backward()
w.grad = None
out += [w.grad]
""",
    "grad of wrong shape": """
w = T.ones(2, requires_grad=True)
w.grad = T.ones(3)
""",
    "grad of wrong dtype": """
w = T.ones(2, requires_grad=True)
w.grad = T.ones(2, dtype=T.float64)
""",
    "grad of wrong type": """
w = T.ones(2, requires_grad=True)
w.grad = 3
""",
    "backward without graph": "T.ones(1).backward()",
    "backward of many": "T.ones(2, requires_grad=True).backward()",
    "seed": """
w = T.ones(2, requires_grad=True)
(w * 2).backward(T.tensor([1., 3.]))
out += [w.grad]
""",
    "seed of wrong shape": """
w = T.ones(2, requires_grad=True)
(w * 2).backward(T.ones(3))
""",
    "seed of a leaf": """
w = T.ones(2, requires_grad=True)
s = T.tensor([1., 3.])
w.backward(s)
w.grad.zero_()
out += [s]
""",
    "seed is not grad": """
w = T.ones(2, requires_grad=True)
s = T.tensor([1., 3.])
(w + 0).backward(s)
s.zero_()
out += [w.grad]
""",
    "two leaves one gradient": """
a = T.ones(2, requires_grad=True)
b = T.ones(2, requires_grad=True)
(a + b).sum().backward()
a.grad.zero_()
out += [a.grad, b.grad]
""",
    "second backward": """
w = T.ones(2, requires_grad=True)
y = (w * w).sum()
y.backward()
y.backward()
""",
    "second backward of sums": """
w = T.ones(2, requires_grad=True)
y = (w + w).sum()
y.backward()
y.backward()
out += [w.grad]
""",
    "retain_graph": """
w = T.ones(2, requires_grad=True)
y = (w * w).sum()
y.backward(retain_graph=True)
y.backward()
out += [w.grad]
""",
    "saved changed": """
w = T.ones(2, requires_grad=True)
h = w * 2
y = (h * h).sum()
h.add_(1)
y.backward()
""",
    "saved changed under no_grad": """
w = T.ones(2, requires_grad=True)
x = T.ones(2)
y = (w * x).sum()
with T.no_grad():
    x.add_(1)
y.backward()
""",
    "saved changed through detach": """
w = T.ones(2, requires_grad=True)
h = w.exp()
y = h.sum()
h.detach().zero_()
y.backward()
""",
    "saved changed through data": """
w = T.ones(2, requires_grad=True)
h = w.exp()
y = h.sum()
h.data.zero_()
y.backward()
out += [w.grad]
""",
    "leaf changed after use": """
w = T.ones(2, requires_grad=True)
y = (w * w).sum()
with T.no_grad():
    w.add_(1)
y.backward()
""",
    "leaf changed unsaved": """
w = T.ones(2, requires_grad=True)
y = (w + 1).sum()
with T.no_grad():
    w.add_(1)
y.backward()
out += [w, w.grad]
""",
    "leaf in place": """
w = T.ones(2, requires_grad=True)
w.add_(1)
""",
    "leaf iadd": """
w = T.ones(2, requires_grad=True)
w += 1
""",
    "view of leaf in place": """
w = T.ones(2, requires_grad=True)
w[0] = 3
""",
    "versions": """
x = T.ones(2)
v = x[0]
d = x.detach()
x.add_(1)
d.mul_(2)
v.zero_()
out += [x._version, v._version, d._version, x, v, d]
""",
    "data has own version": """
x = T.ones(2)
d = x.data
d.add_(1)
out += [x._version, d._version, x]
""",
    "in place on non leaf": """
w = T.ones(2, requires_grad=True)
h = w * 2
h.mul_(3)
h.add_(w)
h.sum().backward()
out += [h, w.grad]
""",
    "in place with itself": """
w = T.ones(2, requires_grad=True)
h = w * 2
h.mul_(h)
h.sum().backward()
out += [w.grad]
""",
    "in place result saved": """
w = T.ones(2, requires_grad=True)
h = w * 2
h.exp_()
h.sum().backward()
out += [h, w.grad]
""",
    "in place of constant": """
w = T.ones(2, requires_grad=True)
x = T.zeros(2)
x.add_(w)
out += [x]
(x * x).sum().backward()
out += [w.grad, x.is_leaf]
""",
    "in place dtype": """
x = T.ones(2, dtype=T.int64)
x += 1.5
""",
    "in place division of ints": """
x = T.ones(2, dtype=T.int64)
x /= 2
""",
    "in place promotes down": """
x = T.ones(2)
x += T.ones(2, dtype=T.float64)
out += [x]
""",
    "in place shape": """
x = T.ones(2)
x += T.ones(3, 2)
""",
    "in place broadcast": """
x = T.ones(3, 2)
x += T.tensor([1., 2.])
out += [x]
""",
    "row of base": """
w = T.ones(2, 2, requires_grad=True)
h = w * 1
h[0] = 5.
(h * h).sum().backward()
out += [h, w.grad]
""",
    "row of base with grad": """
w = T.ones(2, 2, requires_grad=True)
v = T.tensor([2., 3.], requires_grad=True)
h = w * 1
h[1] = v * v
(h * h).sum().backward()
out += [h, w.grad, v.grad]
""",
    "view then in place": """
w = T.ones(2, 2, requires_grad=True)
h = w * 2
v = h[0]
v.mul_(3)
out += [h, v]
(h * h).sum().backward()
out += [w.grad]
""",
    "other view follows": """
w = T.ones(4, requires_grad=True)
h = w * 2
a = h[:2]
b = h[1:]
a.mul_(3)
out += [b, b.requires_grad]
b.sum().backward()
out += [w.grad]
""",
    "base then view": """
w = T.ones(4, requires_grad=True)
h = w * 2
v = h.view(2, 2)
h.mul_(3)
(v * v).sum().backward()
out += [w.grad, v]
""",
    "view of constant in place": """
w = T.ones(2, requires_grad=True)
x = T.zeros(2, 2)
x[0] = w
out += [x, x.is_leaf]
(x * x).sum().backward()
out += [w.grad]
""",
    "column of transpose": """
w = T.ones(2, 3, requires_grad=True)
h = (w * 2).t()
h[0] = 7.
(h * h).sum().backward()
out += [w.grad, h]
""",
    "view chain": """
w = T.ones(2, 3, requires_grad=True)
h = w * 2
v = h.t()[1:]
v += 1
out += [h]
(h * v.t().sum()).sum().backward()
out += [w.grad]
""",
    "unbind view in place": """
w = T.ones(2, 2, requires_grad=True)
h = w * 2
a, b = h.unbind()
a.mul_(2)
""",
    "view made under no_grad": """
w = T.ones(2, requires_grad=True)
h = w * 2
with T.no_grad():
    v = h[:1]
v.mul_(2)
""",
    "sum of a view made under no_grad": """
w = T.ones(2, requires_grad=True)
with T.no_grad():
    v = w[:1]
out += [v, v * 2]
(w.sum() + (v * 2).sum()).backward()
out += [w.grad, v.grad]
""",
    "backward from a view made under no_grad": """
w = T.ones(1, requires_grad=True)
with T.no_grad():
    v = w.view(1)
v.backward()
""",
    "mask assignment": """
w = T.ones(3, requires_grad=True)
h = w * 2
h[h > 1] = 0.
h.sum().backward()
out += [h, w.grad]
""",
    "index assignment": """
w = T.ones(3, requires_grad=True)
v = T.tensor([4., 5.], requires_grad=True)
h = w * 2
h[[0, 2]] = v
(h * h).sum().backward()
out += [h, w.grad, v.grad]
""",
    "no_grad": """
w = T.ones(2, requires_grad=True)
with T.no_grad():
    y = w * 2
    z = T.zeros(1, requires_grad=True)
    with T.enable_grad():
        q = w * 2
out += [y, z, q]
""",
    "no_grad decorator": """
@T.no_grad()
def f(x):
    return x * 2
out += [f(T.ones(2, requires_grad=True)), T.is_grad_enabled()]
""",
    "no_grad bare decorator": """
@T.no_grad
def f(x):
    return x * 2
out += [f(T.ones(2, requires_grad=True))]
""",
    "set_grad_enabled": """
w = T.ones(1, requires_grad=True)
with T.set_grad_enabled(False):
    y = w * 2
T.set_grad_enabled(False)
z = w * 2
T.set_grad_enabled(True)
out += [y, z, w * 2]
""",
    "inference_mode": """
w = T.ones(1, requires_grad=True)
with T.inference_mode():
    y = w * 2
out += [y.requires_grad]
""",
    "detach": """
w = T.ones(2, requires_grad=True)
d = (w * 2).detach()
out += [d]
(w * d).sum().backward()
out += [w.grad]
""",
    "detach shares memory": """
x = T.ones(2)
d = x.detach()
d[0] = 5
out += [x]
""",
    "detach_": """
w = T.ones(2, requires_grad=True)
h = w * 2
h.detach_()
out += [h]
""",
    "retain_grad": """
w = T.ones(2, requires_grad=True)
h = w * 2
h.retain_grad()
(h * h).sum().backward()
out += [h.grad, w.grad, h.retains_grad]
""",
    "retain_grad of constant": "T.ones(2).retain_grad()",
    "retain_grad then in place": """
w = T.ones(2, requires_grad=True)
h = w * 2
h.retain_grad()
h.mul_(3)
(h * 5).sum().backward()
out += [h.grad, w.grad]
""",
    "requires_grad of non leaf": """
w = T.ones(2, requires_grad=True)
h = w * 2
h.requires_grad = False
""",
    "requires_grad True of non leaf": """
w = T.ones(2, requires_grad=True)
h = w * 2
h.requires_grad = True
out += [h]
""",
    "requires_grad of ints": "T.ones(2, dtype=T.int64).requires_grad_()",
    "ints cannot require grad": "T.tensor([1, 2], requires_grad=True)",
    "numpy of grad": "T.ones(2, requires_grad=True).numpy()",
    "numpy shares": """
x = T.ones(2)
n = x.numpy()
n[0] = 5
out += [x]
x.add_(1)
out += [float(n[0])]
""",
    "tensor hooks": """
seen = []
w = T.ones(2, requires_grad=True)
h = w * 2
h.register_hook(lambda g: seen.append('h1') or g * 10)
h.register_hook(lambda g: seen.append('h2'))
w.register_hook(lambda g: seen.append('w') or g + 1)
(h * h).sum().backward()
out += [seen, w.grad]
""",
    "hook and retain": """
w = T.ones(2, requires_grad=True)
h = w * 2
h.retain_grad()
h.register_hook(lambda g: g * 10)
h.sum().backward()
out += [h.grad, w.grad]
""",
    "hook order": """
seen = []
w = T.ones(1, requires_grad=True)
h = w * 2
h.register_hook(lambda g: seen.append('tensor'))
h.grad_fn.register_prehook(lambda g: seen.append('pre'))
h.grad_fn.register_hook(lambda a, b: seen.append('post'))
w.register_hook(lambda g: seen.append('leaf'))
w.register_post_accumulate_grad_hook(lambda t: seen.append('accumulated'))
h.backward()
out += [seen, w.grad]
""",
    "hook removed": """
w = T.ones(1, requires_grad=True)
k = w.register_hook(lambda g: g * 5)
k.remove()
(w * 2).backward()
out += [w.grad]
""",
    "hook of constant": "T.ones(1).register_hook(print)",
    "hook on non leaf accumulate": """
w = T.ones(1, requires_grad=True)
(w * 1).register_post_accumulate_grad_hook(print)
""",
    "leaf hook outlives graphs": """
n = []
w = T.ones(1, requires_grad=True)
w.register_hook(lambda g: n.append(1))
for _ in range(2):
    (w * 2).backward()
out += [len(n)]
""",
    "grad": """
w = T.ones(2, requires_grad=True)
y = (w * w).sum()
out += list(T.autograd.grad(y, w)) + [w.grad]
""",
    "grad of non leaf": """
w = T.ones(2, requires_grad=True)
h = w * 3
y = (h * h).sum()
out += list(T.autograd.grad(y, [h, w]))
""",
    "grad unused": """
w = T.ones(2, requires_grad=True)
v = T.ones(2, requires_grad=True)
T.autograd.grad((w * w).sum(), v)
""",
    "grad allow unused": """
w = T.ones(2, requires_grad=True)
v = T.ones(2, requires_grad=True)
out += list(T.autograd.grad((w * w).sum(), [w, v], allow_unused=True))
""",
    "grad of constant": "T.autograd.grad(T.ones(1, requires_grad=True) * 2, T.ones(1))",
    "grad materialized": """
w = T.ones(2, requires_grad=True)
v = T.ones(2, requires_grad=True)
out += list(T.autograd.grad((w * w).sum(), [w, v], materialize_grads=True))
""",
    "backward inputs": """
w = T.ones(2, requires_grad=True)
v = T.ones(2, requires_grad=True)
h = w * v
h.sum().backward(inputs=[w, h])
out += [w.grad, v.grad, h.grad]
""",
    "backward no inputs": """
w = T.ones(2, requires_grad=True)
(w * 2).sum().backward(inputs=[])
""",
    "double backward": """
x = T.tensor([2., 3.], requires_grad=True)
y = (x ** 3).sum()
g, = T.autograd.grad(y, x, create_graph=True)
out += [g.detach()]
g.sum().backward()
out += [x.grad]
""",
    "gradient penalty": """
x = T.tensor([[.1, .2]], requires_grad=True)
w = T.tensor([[1.], [2.]], requires_grad=True)
g, = T.autograd.grad(T.tanh(x @ w).sum(), x, create_graph=True)
(g * g).sum().backward()
out += [w.grad, x.grad]
""",
    "two roots": """
w = T.ones(2, requires_grad=True)
a = (w * 2).sum()
b = (w * w).sum()
T.autograd.backward([a, b])
out += [w.grad]
""",
    "same root twice": """
w = T.ones(2, requires_grad=True)
a = (w * 2).sum()
T.autograd.backward([a, a])
out += [w.grad]
""",
    "unused output": """
w = T.ones(4, requires_grad=True)
a, b = w.split(2)
(a * a).sum().backward()
out += [w.grad]
""",
    "max indices": """
w = T.tensor([[1., 5.], [7., 2.]], requires_grad=True)
v, i = w.max(dim=1)
v.sum().backward()
out += [v, i, w.grad]
""",
    "add with dtypes": """
a = T.ones(2, requires_grad=True)
b = T.ones(2, dtype=T.float64, requires_grad=True)
(a * b).sum().backward()
out += [a.grad, b.grad]
""",
    "mm dtypes": "T.ones(2, 2) @ T.ones(2, 2, dtype=T.float64)",
    "mm shapes": "T.ones(2, 3) @ T.ones(2, 3)",
    "add shapes": "T.ones(2) + T.ones(3)",
    "view impossible": "T.ones(2, 3).t().view(6)",
    "reshape impossible": "T.ones(2, 3).reshape(4)",
    "dim out of range": "T.ones(2).sum(3)",
    "index out of range": "T.ones(2)[5]",
    "too many indices": "T.ones(2)[0, 0]",
    "index with float": "T.ones(2)[1.5]",
    "negative step": "T.ones(2)[::-1]",
    "item of many": "T.ones(2).item()",
    "bool of many": "bool(T.ones(2))",
    "len of number": "len(T.tensor(1.))",
    "iterate number": """
for _ in T.tensor(1.):
    pass
""",
    "iterate": "out += list(T.tensor([[1., 2.], [3., 4.]], requires_grad=True))",
    "mean of ints": "T.tensor([1, 2]).mean()",
    "softmax of ints": "T.tensor([1, 2]).softmax(0)",
    "uneven lists": "T.tensor([[1.], [2., 3.]])",
    "text": "T.tensor('a')",
    "cat nothing": "T.cat([])",
    "cat shapes": "T.cat([T.ones(2, 2), T.ones(2, 3)])",
    "stack shapes": "T.stack([T.ones(2), T.ones(3)])",
    "cross entropy out of range": "F.cross_entropy(T.ones(1, 3), T.tensor([5]))",
    "bce out of range": "F.binary_cross_entropy(T.tensor([2.]), T.tensor([1.]))",
    "bce shapes": "F.binary_cross_entropy(T.tensor([[.2]]), T.tensor([1.]))",
    "bad reduction": "F.mse_loss(T.ones(1), T.ones(1), reduction='other')",
    "int power": "out += [T.tensor([2, 3]) ** 2, T.tensor([2]) ** T.tensor([3])]",
    "int negative power": "T.tensor([2]) ** -1",
    "int division": "out += [T.tensor([3, 4]) / 2, T.tensor([3, -4]) // 2, T.tensor([3, -4]) % 3]",
    "int division by zero": "T.tensor([3]) // 0",
    "bool subtraction": "T.tensor([True]) - T.tensor([True])",
    "bool addition": """
out += [T.tensor([True]) + T.tensor([True]), T.tensor([True]) * 2, T.tensor([True, True]).sum()]
""",
    "comparison": """
x = T.tensor([1., 2.], requires_grad=True)
out += [x > 1, x == 2, (x > 1) & (x < 3), ~(x > 1), x.argmax()]
""",
    "creation": """
out += [T.zeros(2, 3), T.ones((2,)), T.full((2,), 7), T.full((2,), 1.5), T.arange(5),
    T.arange(1, 2, 0.25), T.eye(2), T.linspace(0, 1, 5), T.empty(0)]
""",
    "creation like": """
x = T.ones(2, dtype=T.float64)
out += [T.zeros_like(x), T.full_like(x, 2), T.ones_like(T.tensor([1, 2])), x.new_zeros(2)]
""",
    "tensor kinds": """
out += [T.tensor(1), T.tensor(1.), T.tensor(True), T.tensor([1, 2.]), T.tensor([]), T.tensor([[1,
    2], [3, 4]]), T.Tensor([1, 2]), T.tensor([T.tensor(1.), T.tensor(2.)])]
""",
    "conversions": """
x = T.tensor([1.7, -1.7])
out += [x.int(), x.long(), x.bool(), x.double(), x.half(), x.to(T.int64), x.type()]
""",
    "formatting": """
x = T.tensor(3.14159)
out += [f'{x:.2f}', f'{x.item():.3f}', str(x.shape), str(T.ones(2, 3).size()),
    str(x.dtype), f'{T.ones(2)}', int(T.tensor(3)), float(x)]
""",
    "size": """
x = T.ones(2, 3)
out += [x.size(0), x.size(-1), x.numel(), x.dim(), x.ndim, len(x),
    x.shape[0], x.shape.numel(), tuple(x.shape), x.stride()]
""",
    "manual seed": """
T.manual_seed(3)
out += [T.rand(3), T.randn(2, 2), T.randint(0, 9, (4,)), T.randperm(5), T.rand_like(T.ones(2)),
    T.normal(0., 1., (2,)), T.bernoulli(T.full((3,), .5))]
""",
    "linspace": """
out += [T.linspace(-1, 1, 100), T.linspace(3, 3, 1), T.linspace(0, 10, 7, dtype=T.float64)]
""",
    "alias is view": """
w = T.ones(2, requires_grad=True)
h = w * 2
v = h[...]
v.mul_(3)
h.sum().backward()
out += [h, w.grad]
""",
    "squeeze view in place": """
w = T.ones(1, 3, requires_grad=True)
h = w * 2
h.squeeze(0)[1] = 9.
(h * h).sum().backward()
out += [h, w.grad]
""",
    "expand": """
b = T.ones(3, requires_grad=True)
(b.expand(2, 3) * T.tensor([[1.], [2.]])).sum().backward()
out += [b.grad]
""",
    "deep copy": """
import copy
w = T.ones(2, requires_grad=True)
c = copy.deepcopy(w)
out += [c, c is w]
""",
    "deep copy of non leaf": """
import copy
copy.deepcopy(T.ones(2, requires_grad=True) * 2)
""",
    "non leaf grad warns": """
w = T.ones(2, requires_grad=True)
h = w * 2
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter('always')
    h.grad
out += [len(seen), seen[0].category.__name__]
""",
    "mse broadcast warns": """
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter('always')
    out += [F.mse_loss(T.ones(3, 1), T.zeros(3))]
out += [len(seen), seen[0].category.__name__]
""",
    "overflow is silent": """
x = T.tensor([1e38])
out += [x * x, T.tensor([1.]) / 0, T.tensor([0.]) / 0, T.tensor([-1.]).sqrt(), T.tensor([0.]).log()]
""",
    "dropout": """
T.manual_seed(0)
x = T.ones(8, requires_grad=True)
y = F.dropout(x, 0.5)
y.sum().backward()
out += [y, x.grad, F.dropout(x, 0.5, training=False) is x]
""",
}


def outcome(engine: Any, source: str) -> list[Any]:
    """What the program put into `out`, in a form that both engines share, and the class of what it raised."""
    out: list[Any] = []
    names = {"T": engine, "nn": engine.nn, "F": engine.nn.functional, "optim": engine.optim, "out": out}
    raised = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(source, {**names, "warnings": warnings})
            out = [shared(value) for value in out]
        except Exception as error:
            raised = type(error)
            out = [value if isinstance(value, tuple) else None for value in out]
    return [*out, raised]


def shared(value: Any) -> Any:
    """A tensor as its values and its place in the graph; anything else as it is."""
    if hasattr(value, "requires_grad"):
        node = value.grad_fn
        name = None if node is None else type(node).__name__
        return ("tensor", value.detach().numpy().copy(), value.requires_grad, value.is_leaf, name)
    return value
