"""Programs about hooks: their order, what they see and replace, what stays after one raised. See `engine_programs`."""

HOOK_PROGRAMS = {
    "order at a leaf": """
w = T.ones(2, requires_grad=True)
seen = []
h = w * 2
a = h.grad_fn.next_functions[0][0]
w.register_hook(lambda g: seen.append('tensor'))
a.register_prehook(lambda g: seen.append('pre'))
w.register_post_accumulate_grad_hook(lambda t: seen.append(('accumulated', t.grad.sum().item())))
a.register_hook(lambda o, i: seen.append(('post', len(o), i[0].sum().item())))
h.sum().backward()
out += [*map(str, seen)]
""",
    "order at a node": """
w = T.ones(2, requires_grad=True)
seen = []
h = w * 2
h.retain_grad()
h.register_hook(lambda g: seen.append('tensor') or g * 3)
h.grad_fn.register_prehook(lambda g: seen.append('pre') or (g[0] * 5,))
h.grad_fn.register_hook(lambda o, i: seen.append(('post', o[0].sum().item(), i[0].sum().item())))
h.sum().backward()
out += [*map(str, seen), h.grad, w.grad]
""",
    "post hook replaces": """
w = T.ones(2, requires_grad=True)
h = w * 2
h.grad_fn.register_hook(lambda o, i: (o[0] * 7, None))
h.sum().backward()
out += [w.grad]
""",
    "post hook returns one": """
w = T.ones(2, requires_grad=True)
h = w.exp()
h.grad_fn.register_hook(lambda o, i: (o[0] * 7,))
h.sum().backward()
out += [w.grad]
""",
    "post hook returns too few": """
w = T.ones(2, requires_grad=True)
h = w * w
h.grad_fn.register_hook(lambda o, i: (o[0] * 7,))
h.sum().backward()
""",
    "tensor hook returns another shape": """
w = T.ones(2, requires_grad=True)
w.register_hook(lambda g: T.ones(3))
(w * 2).sum().backward()
""",
    "tensor hook returns another dtype": """
w = T.ones(2, requires_grad=True)
w.register_hook(lambda g: g.double())
(w * 2).sum().backward()
out += [w.grad]
""",
    "tensor hook returns a number": """
w = T.ones(2, requires_grad=True)
w.register_hook(lambda g: 3)
(w * 2).sum().backward()
""",
    "retain grad sees what hooks made": """
w = T.ones(2, requires_grad=True)
h = w * 2
h.register_hook(lambda g: g * 2)
h.retain_grad()
h.register_hook(lambda g: g * 3)
h.sum().backward()
out += [h.grad, w.grad]
""",
    "prehook does not change retained": """
w = T.ones(2, requires_grad=True)
h = w * 2
h.retain_grad()
h.grad_fn.register_prehook(lambda g: (g[0] * 5,))
h.sum().backward()
out += [h.grad, w.grad]
""",
    "grad captures before prehooks": """
w = T.ones(2, requires_grad=True)
h = w * 2
k = h.exp()
h.register_hook(lambda g: g * 3)
h.grad_fn.register_prehook(lambda g: (g[0] * 100,))
out += [*T.autograd.grad(k.sum(), [h, w])]
""",
    "grad of a leaf runs its tensor hooks only": """
w = T.ones(2, requires_grad=True)
seen = []
k = w.exp()
w.register_hook(lambda g: seen.append('tensor') or g * 3)
k.grad_fn.next_functions[0][0].register_prehook(lambda g: seen.append('pre'))
k.grad_fn.next_functions[0][0].register_hook(lambda o, i: seen.append('post'))
w.register_post_accumulate_grad_hook(lambda t: seen.append('accumulated'))
out += [*T.autograd.grad(k.sum(), w), w.grad, *seen]
""",
    "hooks at a node that is only captured": """
w = T.ones(2, requires_grad=True)
seen = []
h = w * 2
k = h.exp()
h.register_hook(lambda g: seen.append('tensor'))
h.grad_fn.register_prehook(lambda g: seen.append('pre'))
h.grad_fn.register_hook(lambda o, i: seen.append('post'))
out += [*T.autograd.grad(k.sum(), h), *seen]
""",
    "backward inputs of a non leaf": """
w = T.ones(2, requires_grad=True)
h = w * 2
(h * h).sum().backward(inputs=[h])
out += [h.grad, w.grad]
""",
    "backward inputs of both": """
w = T.ones(2, requires_grad=True)
v = T.ones(2, requires_grad=True)
h = w * 2
(h * h * v).sum().backward(inputs=[h, w])
out += [h.grad, w.grad, v.grad]
""",
    "backward inputs one tensor": """
w = T.ones(2, requires_grad=True)
v = T.ones(2, requires_grad=True)
(w * v).sum().backward(inputs=v)
out += [w.grad, v.grad]
""",
    "backward inputs empty": """
w = T.ones(2, requires_grad=True)
(w * 2).sum().backward(inputs=[])
""",
    "backward inputs without grad": """
w = T.ones(2, requires_grad=True)
(w * 2).sum().backward(inputs=[T.ones(2)])
""",
    "backward inputs twice": """
w = T.ones(2, requires_grad=True)
y = (w * 2).sum()
y.backward(inputs=[w, w])
out += [w.grad]
""",
    "backward inputs unreachable": """
w = T.ones(2, requires_grad=True)
v = T.ones(2, requires_grad=True)
(w * 2).sum().backward(inputs=[v])
out += [w.grad, v.grad]
""",
    "backward inputs create graph": """
w = T.ones(2, requires_grad=True)
y = (w ** 3).sum()
y.backward(inputs=[w], create_graph=True)
g = w.grad
w.grad = None
(g * g).sum().backward()
out += [g, w.grad]
""",
    "post accumulate hook clears grad": """
w = T.ones(2, requires_grad=True)
seen = []
def step(t):
    seen.append(t.grad.sum().item())
    t.grad = None
w.register_post_accumulate_grad_hook(step)
for _ in range(3):
    (w * 2).sum().backward()
out += [w.grad, *seen]
""",
    "post accumulate hook changes the leaf": """
w = T.ones(2, requires_grad=True)
def step(t):
    with T.no_grad():
        t -= 0.1 * t.grad
w.register_post_accumulate_grad_hook(step)
(w * w).sum().backward()
out += [w, w.grad]
""",
    "post accumulate hook that raises": """
w = T.ones(2, requires_grad=True)
def fail(t):
    raise KeyError('x')
k = w.register_post_accumulate_grad_hook(fail)
y = (w * 2).sum()
try:
    y.backward()
except KeyError:
    out += ['raised', T.is_grad_enabled(), w.grad]
k.remove()
(w * 2).sum().backward()
out += [w.grad]
""",
    "hook that raises": """
w = T.ones(2, requires_grad=True)
h = w * w
def fail(g):
    raise ValueError('x')
k = h.register_hook(fail)
y = h.sum()
try:
    y.backward()
except ValueError:
    out += ['raised', T.is_grad_enabled(), w.grad]
k.remove()
y.backward()
out += [w.grad]
""",
    "hook that raises in a deep graph": """
w = T.ones(2, requires_grad=True)
a = w * w
b = a * w
def fail(g):
    raise ValueError('x')
k = a.register_hook(fail)
y = (b * b).sum()
try:
    y.backward()
except ValueError:
    out += ['raised', w.grad]
k.remove()
y.backward()
""",
    "hook that raises under create_graph": """
w = T.ones(2, requires_grad=True)
h = w * w
k = h.register_hook(lambda g: g.nothing)
y = h.sum()
try:
    y.backward(create_graph=True)
except AttributeError:
    out += ['raised', T.is_grad_enabled(), w.grad]
k.remove()
y.backward()
out += [w.grad]
""",
    "hook runs without grad mode": """
w = T.ones(2, requires_grad=True)
w.register_hook(lambda g: out.append(T.is_grad_enabled()))
(w * w).sum().backward()
(w * w).sum().backward(create_graph=True)
""",
    "hook starts another backward": """
w = T.ones(2, requires_grad=True)
v = T.ones(2, requires_grad=True)
def inner(g):
    with T.enable_grad():
        (v * 3).sum().backward()
    return g * 2
h = w * 2
h.register_hook(inner)
(h * h).sum().backward()
out += [w.grad, v.grad]
""",
    "hook on an input that is used twice": """
w = T.ones(2, requires_grad=True)
n = []
h = w * 2
h.register_hook(lambda g: n.append(g.sum().item()))
(h + h * 3).sum().backward()
out += [*n, w.grad]
""",
    "hook on one of several outputs": """
x = T.tensor([3., 1., 2.], requires_grad=True)
v, i = x.sort()
n = []
v.register_hook(lambda g: n.append(g.sum().item()) or g * 2)
v.sum().backward()
out += [x.grad, *n]
""",
    "hooks on the outputs of unbind": """
x = T.tensor([[3., 1.], [2., 5.]], requires_grad=True)
a, b = x.unbind()
a.register_hook(lambda g: g * 2)
b.register_hook(lambda g: g * 5)
(a * b).sum().backward()
out += [x.grad]
""",
    "hook changes its gradient in place": """
w = T.ones(2, requires_grad=True)
h = w * 2
h.register_hook(lambda g: g.mul_(4))
(h * 3).sum().backward()
out += [w.grad]
""",
    "hook removes itself": """
w = T.ones(2, requires_grad=True)
n = []
def once(g):
    n.append(1)
    k.remove()
k = w.register_hook(once)
(w * 2).sum().backward()
(w * 2).sum().backward()
out += [len(n), w.grad]
""",
    "hook after retain_grad then in place": """
w = T.ones(2, requires_grad=True)
h = w * 2
h.register_hook(lambda g: g * 10)
h.retain_grad()
h.mul_(3)
h.register_hook(lambda g: g * 2)
h.sum().backward()
out += [h.grad, w.grad]
""",
    "handle removed twice": """
w = T.ones(2, requires_grad=True)
k = w.register_hook(lambda g: g * 2)
k.remove()
k.remove()
(w * 2).sum().backward()
out += [w.grad]
""",
    "same hook twice": """
w = T.ones(2, requires_grad=True)
def twice(g):
    return g * 2
a = w.register_hook(twice)
b = w.register_hook(twice)
a.remove()
(w * 3).sum().backward()
out += [w.grad]
""",
    "handle as context": """
w = T.ones(2, requires_grad=True)
with w.register_hook(lambda g: g * 2):
    (w * 3).sum().backward()
(w * 3).sum().backward()
out += [w.grad]
""",
    "prehook gets None": """
x = T.tensor([[3., 1.], [2., 5.]], requires_grad=True)
a, b = x.unbind()
a.grad_fn.register_prehook(lambda g: out.append(str([t is None for t in g])))
a.sum().backward()
out += [x.grad]
""",
    "post hook at a node gets undefined": """
w = T.ones(2, requires_grad=True)
x = T.ones(2)
h = w * x
h.grad_fn.register_hook(lambda o, i: out.append(str([t is None for t in o])))
h.sum().backward()
""",
    "retain_grad on a leaf": """
w = T.ones(2, requires_grad=True)
w.retain_grad()
(w * 2).sum().backward()
out += [w.grad, w.retains_grad]
""",
    "retain_grad twice backward": """
w = T.ones(2, requires_grad=True)
h = w * 2
h.retain_grad()
y = h.sum()
y.backward(retain_graph=True)
y.backward()
out += [h.grad, w.grad, h.retains_grad]
""",
    "retained grad does not alias": """
w = T.ones(2, requires_grad=True)
h = w * 1
h.retain_grad()
h.sum().backward()
h.grad.mul_(5)
out += [h.grad, w.grad]
""",
    "register hook during backward": """
w = T.ones(2, requires_grad=True)
h = w * 2
k = h * 3
k.register_hook(lambda g: h.register_hook(lambda g: g * 100) and None)
k.sum().backward()
out += [w.grad]
""",
}
