"""Programs about grad modes: inference_mode, anomaly detection, decorators. See `engine_programs`."""

_INFERENCE = """
w = T.ones(2, requires_grad=True)
n = w * 2
with T.inference_mode():
    a = T.ones(2)
    b = w * 3
    v = n[0:1]
    c = T.ones(2, requires_grad=True)
"""

_RAISING = {
    "version": "a._version",
    "in place": "a.add_(1)",
    "in place under no_grad": "with T.no_grad():\n    a.add_(1)",
    "in place on a view": "a.view(1, 2).add_(1)",
    "assignment": "a[0] = 2",
    "require grad": "a.requires_grad_()",
    "do not require grad": "a.requires_grad_(False)\nout += [a]",
    "save": "a * w",
    "save in a matrix product": "T.dot(a, w)",
    "not saved": "y = a + w\ny.sum().backward()\nout += [y, y.is_inference(), w.grad]",
    "without a graph": "y = a * 2\nout += [y, y.is_inference()]",
    "of a leaf": "y = (c * 2).sum()\ny.backward()\nout += [c.grad, c.is_inference()]",
    "view": "out += [a.view(1, 2), a.view(1, 2).is_inference()]",
    "detach": "out += [a.detach().is_inference(), a.data.is_inference()]",
    "clone": "y = a.clone().requires_grad_()\n(y * y).sum().backward()\nout += [y.grad, y.is_inference()]",
    "view of a normal tensor": "out += [v.requires_grad, v.is_inference(), v.is_leaf]",
    "view of a normal tensor in place": "v.add_(1)",
    "copied from": "z = T.zeros(2)\nz.copy_(a)\nout += [z, z.is_inference()]",
    "into a leaf": "with T.no_grad():\n    w.copy_(a)\nout += [w]",
    "as grad": "w.grad = a\n(w * 2).sum().backward()",
    "parameter": "nn.Parameter(a)",
    "numpy": "out += [a.numpy().sum()]",
    "made": "out += [a, b, c, T.is_inference_mode_enabled()]",
}

MODE_PROGRAMS = {
    **{f"inference: {name}": _INFERENCE + source for name, source in _RAISING.items()},
    "inside": """
w = T.ones(2, requires_grad=True)
n = w * 2
with T.inference_mode():
    out += [T.is_grad_enabled(), T.is_inference_mode_enabled()]
    n.add_(1)
    w.add_(1)
    a = T.ones(2)
    a.add_(1)
    out += [a, a.requires_grad_(), n._version, w._version, n.clone().is_inference(), n.detach().is_inference()]
    with T.enable_grad():
        out += [(w * 2).requires_grad, (w * 2).is_inference()]
    with T.inference_mode(False):
        out += [T.is_grad_enabled(), (w * 2).requires_grad, (w * 2).is_inference()]
    with T.no_grad():
        out += [T.ones(1).is_inference()]
out += [T.is_grad_enabled(), T.is_inference_mode_enabled(), n]
""",
    "inference decorator": """
@T.inference_mode()
def f(x):
    return x * 2
@T.inference_mode
def g(x):
    return x * 2
w = T.ones(2, requires_grad=True)
out += [f(w), f(w).is_inference(), g(w).is_inference(), T.is_grad_enabled()]
""",
    "inference raising": """
try:
    with T.inference_mode():
        raise KeyError
except KeyError:
    pass
out += [T.is_grad_enabled(), T.ones(1).is_inference()]
""",
    "backward inside inference": """
w = T.ones(2, requires_grad=True)
y = (w * w).sum()
with T.inference_mode():
    y.backward()
out += [w.grad]
""",
    "anomaly": """
w = T.zeros(2, requires_grad=True)
with T.autograd.detect_anomaly():
    (w.sqrt() * 0).sum().backward()
""",
    "anomaly of the second input": """
w = T.zeros(2, requires_grad=True)
with T.autograd.detect_anomaly():
    (1 / w * 0).sum().backward()
""",
    "anomaly without NaN": """
w = T.ones(2, requires_grad=True)
with T.autograd.detect_anomaly():
    (w.sqrt() * 2).sum().backward()
out += [w.grad]
""",
    "anomaly with infinity": """
w = T.zeros(2, requires_grad=True)
with T.autograd.detect_anomaly():
    w.sqrt().sum().backward()
out += [w.grad]
""",
    "anomaly outside": """
w = T.zeros(2, requires_grad=True)
with T.autograd.detect_anomaly():
    pass
(w.sqrt() * 0).sum().backward()
out += [w.grad]
""",
    "anomaly does not look": """
w = T.zeros(2, requires_grad=True)
with T.autograd.detect_anomaly(check_nan=False):
    (w.sqrt() * 0).sum().backward()
out += [w.grad]
""",
    "anomaly set": """
w = T.zeros(2, requires_grad=True)
T.autograd.set_detect_anomaly(True)
try:
    (w.sqrt() * 0).sum().backward()
except RuntimeError:
    out += ['raised']
T.autograd.set_detect_anomaly(False)
(w.sqrt() * 0).sum().backward()
out += [w.grad]
with T.autograd.set_detect_anomaly(True):
    pass
(w.sqrt() * 0).sum().backward()
""",
    "anomaly in the seed": """
w = T.ones(2, requires_grad=True)
with T.autograd.detect_anomaly():
    (w * 2).sum().backward(T.tensor(float('nan')))
""",
    "anomaly warns": """
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter('always')
    T.autograd.detect_anomaly()
out += [len(seen), seen[0].category.__name__]
""",
    "anomaly under create_graph": """
w = T.zeros(2, requires_grad=True)
with T.autograd.detect_anomaly():
    T.autograd.grad((w.sqrt() * 0).sum(), w, create_graph=True)
""",
}
