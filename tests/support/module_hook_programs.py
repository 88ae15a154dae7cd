"""Programs about the backward hooks of modules: when they run, what they see and replace, the nodes they add."""

MODULE_HOOK_PROGRAMS = {
    "order of the hooks of nested modules": """
T.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
seen = []
for name, module in net.named_modules():
    module.register_full_backward_hook(lambda m, i, o, name=name: seen.append((name, len(i), len(o))))
    module.register_full_backward_pre_hook(lambda m, o, name=name: seen.append((name, len(o))))
x = T.ones(4, 2, requires_grad=True)
net(x).sum().backward()
out += [str(seen), x.grad, *[p.grad for p in net.parameters()]]
""",
    "the nodes and their edges": """
layer = nn.ReLU()
layer.register_full_backward_hook(lambda m, i, o: None)
w = T.ones(3, requires_grad=True)
y = layer(w * 2)
def names(node, depth=6):
    return [type(node).__name__, [names(n, depth - 1) for n, _ in node.next_functions if n is not None and depth]]
out += [str(names(y.grad_fn)), y._version, y.is_leaf]
""",
    "a hook replaces the gradient of the input": """
layer = nn.Tanh()
layer.register_full_backward_hook(lambda m, i, o: (i[0] * 10,))
layer.register_full_backward_hook(lambda m, i, o: (i[0] + 1,))
x = T.ones(2, requires_grad=True)
layer(x).sum().backward()
out += [x.grad]
""",
    "the first in the list is the one put in front": """
layer = nn.Tanh()
seen = []
layer.register_full_backward_hook(lambda m, i, o: seen.append('a'))
layer.register_full_backward_hook(lambda m, i, o: seen.append('b'), prepend=True)
layer.register_full_backward_pre_hook(lambda m, o: seen.append('c'))
layer.register_full_backward_pre_hook(lambda m, o: seen.append('d'), prepend=True)
layer.register_forward_hook(lambda m, i, o: seen.append('e'))
layer.register_forward_hook(lambda m, i, o: seen.append('f'), prepend=True)
layer(T.ones(2, requires_grad=True)).sum().backward()
out += [str(seen)]
""",
    "a pre hook replaces the gradient of the output": """
layer = nn.Linear(2, 2, bias=False)
with T.no_grad():
    layer.weight.fill_(1.0)
layer.register_full_backward_pre_hook(lambda m, o: (o[0] * 3,))
x = T.ones(1, 2, requires_grad=True)
layer(x).sum().backward()
out += [x.grad, layer.weight.grad]
""",
    "no input requires grad": """
layer = nn.Linear(2, 1)
seen = []
layer.register_full_backward_hook(lambda m, i, o: seen.append((i, o[0].sum().item())))
layer(T.ones(3, 2)).sum().backward()
out += [str(seen)]
""",
    "no input requires grad and a hook returns something": """
layer = nn.Linear(2, 1)
layer.register_full_backward_hook(lambda m, i, o: (T.ones(3, 2),))
layer(T.ones(3, 2)).sum().backward()
""",
    "a hook returns too many": """
layer = nn.Tanh()
layer.register_full_backward_hook(lambda m, i, o: (i[0], i[0]))
layer(T.ones(2, requires_grad=True)).sum().backward()
""",
    "a pre hook returns too many": """
layer = nn.Tanh()
layer.register_full_backward_pre_hook(lambda m, o: (o[0], o[0]))
layer(T.ones(2, requires_grad=True)).sum().backward()
""",
    "several inputs and outputs, some no tensors": """
class Two(nn.Module):
    def forward(self, x, k, y):
        return x * k, 7, y.detach(), x + y
two = Two()
seen = []
two.register_full_backward_hook(lambda m, i, o: seen.append(([g is None for g in i], [g is None for g in o])))
x, y = T.ones(2, requires_grad=True), T.ones(2)
a, b, c, d = two(x, 3, y)
out += [b, c.requires_grad, a.requires_grad]
(a.sum() + d.sum()).backward()
out += [str(seen), x.grad, y.grad]
""",
    "a write in place into the output": """
layer = nn.Tanh()
layer.register_full_backward_hook(lambda m, i, o: None)
y = layer(T.ones(2, requires_grad=True))
y += 1
""",
    "a module that works in place": """
layer = nn.ReLU(inplace=True)
layer.register_full_backward_hook(lambda m, i, o: None)
layer(T.ones(2, requires_grad=True) * 2).sum().backward()
""",
    "a removed hook": """
layer = nn.Tanh()
seen = []
handle = layer.register_full_backward_hook(lambda m, i, o: seen.append(1))
with layer.register_full_backward_pre_hook(lambda m, o: seen.append(2)):
    layer(T.ones(2, requires_grad=True)).sum().backward()
handle.remove()
x = T.ones(2, requires_grad=True)
y = layer(x)
y.sum().backward()
out += [str(seen), type(y.grad_fn).__name__]
""",
    "under no_grad": """
layer = nn.Tanh()
layer.register_full_backward_hook(lambda m, i, o: None)
with T.no_grad():
    y = layer(T.ones(2, requires_grad=True))
out += [y.requires_grad, y]
""",
    "one module called twice": """
layer = nn.Linear(1, 1, bias=False)
with T.no_grad():
    layer.weight.fill_(2.0)
seen = []
layer.register_full_backward_hook(lambda m, i, o: seen.append((i[0].item(), o[0].item())))
x = T.ones(1, 1, requires_grad=True)
layer(layer(x)).sum().backward()
out += [str(seen), x.grad, layer.weight.grad]
""",
    "a forward hook replaces the output before backward hooks see it": """
layer = nn.Tanh()
seen = []
layer.register_forward_hook(lambda m, i, o: o * 5)
layer.register_full_backward_hook(lambda m, i, o: seen.append(o[0].sum().item()))
x = T.zeros(2, requires_grad=True)
layer(x).sum().backward()
out += [str(seen), x.grad]
""",
    "the gradient of a gradient": """
layer = nn.Tanh()
seen = []
layer.register_full_backward_hook(lambda m, i, o: seen.append(len(i)))
x = T.zeros(2, requires_grad=True)
y = (layer(x) ** 2).sum()
g, = T.autograd.grad(y, x, create_graph=True)
h, = T.autograd.grad(g.sum(), x)
out += [g.detach(), h, len(seen)]
""",
}
