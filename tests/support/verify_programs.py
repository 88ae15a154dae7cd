"""Programs in PyTorch's words that `gradb verify` must find the same on both engines, each with its own corner."""

PROGRAMS = {
    "inplace": """
import torch
w = torch.tensor([1.,2.,3.], requires_grad=True)
h = w * 2
h[0] = 5.0
h += 1
h.mul_(2)
s = h.sum()
s.backward()
print(w.grad)
with torch.no_grad():
    w[0] = 7.0
    w.add_(1)
    w[1:] *= 2
w.data.mul_(3)
w.data = torch.zeros(3)
print(w)
x = torch.ones(3)
x += 2
x[0] = 4
print(x)
""",
    "hooks": """
import torch
w = torch.tensor([1.,2.], requires_grad=True)
h = w * 3
h.register_hook(lambda g: g * 2)
h.retain_grad()
w.register_hook(lambda g: print('leaf', g))
def after(t):
    print('after', t.grad)
w.register_post_accumulate_grad_hook(after)
y = (h * h).sum()
y.grad_fn.register_hook(lambda o, i: print('node', i))
y.grad_fn.register_prehook(lambda i: print('pre', i))
y.backward()
print(w.grad, h.grad)
""",
    "hook grads none": """
import torch
w = torch.tensor([1.,2.], requires_grad=True)
def step(p):
    with torch.no_grad():
        p -= 0.1 * p.grad
    p.grad = None
w.register_post_accumulate_grad_hook(step)
for i in range(3):
    (w * w).sum().backward()
    print(w)
""",
    "double": """
import torch
x = torch.tensor(2.0, requires_grad=True)
y = x ** 3
g, = torch.autograd.grad(y, x, create_graph=True)
print(g)
h, = torch.autograd.grad(g, x)
print(h)
z = (x * x).exp()
z.backward(create_graph=True)
(x.grad ** 2).backward()
print(x.grad)
""",
    "error of a second backward": """
import torch
w = torch.tensor([1.,2.], requires_grad=True)
y = (w * w).sum()
y.backward(retain_graph=True)
y.backward()
try:
    y.backward()
except RuntimeError as e:
    print('no')
z = (w * w)
z.backward()
""",
    "error after chosen inputs": """
import torch
a = torch.tensor([1.,2.], requires_grad=True)
b = torch.tensor([3.,4.], requires_grad=True)
h = a * b
k = (h * h + a).sum()
ga, gh = torch.autograd.grad(k, [a, h], retain_graph=True)
print(ga, gh)
k.backward(inputs=[a], retain_graph=True)
k.backward(inputs=[h, b])
print(a.grad, b.grad, h.grad)
torch.autograd.backward([h.sum(), (a*a).sum()], [torch.tensor(2.), None])
""",
    "layers": """
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.bn = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(4 * 3 * 3, 10)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn(self.conv(x))), 2)
        x = self.drop(torch.flatten(x, 1))
        return F.log_softmax(self.fc(x), dim=1)
net = Net()
print(net)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
sched = torch.optim.lr_scheduler.StepLR(opt, 2, 0.1)
x = torch.randn(8, 1, 8, 8)
y = torch.randint(0, 10, (8,))
for epoch in range(4):
    opt.zero_grad()
    loss = F.nll_loss(net(x), y)
    loss.backward()
    n = nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    sched.step()
    print(epoch, f'{loss.item():.4f}', sched.get_last_lr())
net.eval()
with torch.no_grad():
    print((net(x).argmax(1) == y).float().mean())
""",
    "data": """
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader, random_split
torch.manual_seed(1)
X = torch.randn(20, 3)
Y = (X.sum(1) > 0).long()
train, test = random_split(TensorDataset(X, Y), [15, 5])
loader = DataLoader(train, batch_size=4, shuffle=True)
model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.LayerNorm(8), nn.Linear(8, 2))
opt = torch.optim.AdamW(model.parameters(), lr=0.05)
for epoch in range(3):
    total = 0.0
    for xb, yb in loader:
        loss = nn.functional.cross_entropy(model(xb), yb)
        opt.zero_grad(set_to_none=False)
        loss.backward()
        opt.step()
        total += loss.item()
    print(epoch, round(total, 3))
""",
    "rnn": """
import torch
from torch import nn
torch.manual_seed(2)
emb = nn.Embedding(5, 4)
cell = nn.GRUCell(4, 6)
lstm = nn.LSTMCell(4, 6)
out = nn.Linear(6, 5)
params = [*emb.parameters(), *cell.parameters(), *out.parameters(), *lstm.parameters()]
opt = torch.optim.RMSprop(params, lr=0.01, momentum=0.9)
ids = torch.tensor([0, 1, 2, 3, 4])
for step in range(3):
    h = torch.zeros(1, 6)
    c = torch.zeros(1, 6)
    g = torch.zeros(1, 6)
    loss = 0
    for i in range(4):
        e = emb(ids[i:i+1])
        h = cell(e, h)
        g, c = lstm(e, (g, c))
        loss = loss + nn.functional.cross_entropy(out(h + g), ids[i+1:i+2])
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(loss.item())
""",
    "optimizers": """
import torch
for name in ['SGD', 'Adam', 'Adagrad', 'RMSprop', 'AdamW']:
    p = torch.tensor([1.0, -2.0], requires_grad=True)
    opt = getattr(torch.optim, name)([p], lr=0.1, weight_decay=0.01)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 10)
    for i in range(5):
        def closure():
            opt.zero_grad()
            loss = (p ** 2).sum()
            loss.backward()
            return loss
        opt.step(closure)
        sched.step()
    print(name, p)
""",
    "shapes": """
import torch
torch.manual_seed(0)
a = torch.randn(3, 4, requires_grad=True)
b = torch.randn(4, requires_grad=True)
c = torch.cat([a, b.unsqueeze(0)], 0)
d = torch.stack([b, b * 2])
s = c.view(2, 8).t().reshape(4, 4).transpose(0, 1)
m = torch.max(s, dim=1)
v = m.values.sum() + d.mean() + torch.where(a > 0, a, a * 0.1).sum() + a[1:, ::2].std() + a.norm()
k = torch.einsum('ij,j->i', a, b).softmax(0).log().sum()
q = (a @ b).tanh().prod() + a.clamp(-1, 1).abs().sqrt().sum()
(v + k + q).backward()
print(a.grad, b.grad)
parts = (a * 1).chunk(2, dim=1)
(parts[0].sum() * parts[1].mean()).backward()
u = (b*1).unbind()
(u[0] * u[1]).backward()
print(b.grad)
""",
    "numpy plot": """
import torch
import numpy as np
import matplotlib.pyplot as plt
x = torch.linspace(0, 1, 5, requires_grad=True)
y = (x ** 2)
plt.plot(x.detach(), y.detach().numpy())
fig, ax = plt.subplots()
ax.scatter(x.detach().numpy(), y.tolist(), label='a')
print(np.mean(y.detach().numpy()), np.array([1, 2]).sum())
l = [y[0].item(), y[1].item()]
plt.plot(l)
z = torch.from_numpy(np.array([1.0, 2.0]))
print(z, z.dtype)
""",
    "parameter lists": """
import torch
from torch import nn
torch.manual_seed(0)
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(2, 2))
        self.layers = nn.ModuleList([nn.Linear(2, 2) for _ in range(2)])
        self.register_buffer('seen', torch.zeros(1))
    def forward(self, x):
        self.seen += 1
        for layer in self.layers:
            x = torch.sigmoid(layer(x))
        return x @ self.w
m = M()
x = torch.ones(1, 2)
m(x).sum().backward()
for n, p in m.named_parameters():
    print(n, p.grad)
for p in m.parameters():
    p.data -= 0.1 * p.grad
m.zero_grad()
print(m.seen, sum(p.numel() for p in m.parameters()))
print(m.state_dict())
for p in m.layers.parameters():
    p.requires_grad = False
m(x).sum().backward()
nn.init.xavier_uniform_(m.w)
print(m.w)
""",
    "calls of modules": """
import torch
from torch import nn
torch.manual_seed(0)
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x
    @staticmethod
    def backward(ctx, g):
        return 2 * ctx.saved_tensors[0] * g
class Cell(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.ModuleList([nn.Sequential(nn.Linear(2, 2), nn.ReLU(inplace=True))])
    def forward(self, x, deep=1):
        x = Square.apply(self.inner[0](x)) + 1
        return self(x, 0) if deep else x
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = Cell()
        self.norm = nn.LayerNorm(2)
        self.same = nn.Identity()
        self.same.register_forward_hook(lambda m, i, o: o * 2)
    def forward(self, x):
        for i in range(2):
            x = self.norm(self.cell(x))
        return nn.Linear(2, 1)(self.same(x))
net = Net()
nameless = [nn.Tanh()]
loss_of = nn.MSELoss()
loss = loss_of(nameless[0](net(torch.ones(3, 2))), torch.zeros(3, 1))
loss.backward()
try:
    net.cell(torch.ones(3))
except RuntimeError:
    print((loss * 2).item() == 2 * loss.item())
twice = net.cell(torch.ones(3, 2)).sum()
""",
    "hooks of modules": """
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
def show(name):
    def hook(module, grad_input, grad_output):
        print(name, module, [None if g is None else g.shape for g in grad_input], grad_output[0].norm())
    return hook
for name, module in net.named_modules():
    module.register_full_backward_hook(show(name))
net[1].register_full_backward_pre_hook(lambda m, o: (o[0] * 2,))
x = torch.ones(4, 2, requires_grad=True)
for step in range(2):
    net.zero_grad()
    net(x).sum().backward()
net(torch.ones(1, 2)).sum().backward()
print(x.grad)
""",
    "where nan": """
import torch
x = torch.tensor([0.0, 1.0], requires_grad=True)
y = torch.where(x > 0, x.sqrt(), torch.zeros(2))
y.sum().backward()
print(x.grad)
z = torch.log(x).sum()
z.backward()
print(x.grad, torch.isnan(x.grad).any())
""",
    "dtypes": """
import torch
x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
w = torch.tensor([1.0, 2.0], requires_grad=True)
y = (x * w).sum()
y.backward()
print(x.grad, w.grad, w.grad.dtype)
i = torch.arange(4)
print(i, i.float().mean(), (i / 2).dtype, i.view(2,2).sum(0))
print(x.detach().half())
""",
    "error": """
import torch
w = torch.ones(2, requires_grad=True)
w += 1
""",
    "error2": """
import torch
torch.ones(2) @ torch.ones(3)
""",
    "error3": """
import torch
w = torch.ones(2, requires_grad=True)
h = w.exp()
y = h.sum()
h.add_(1)
y.backward()
""",
    "own function": '''
import torch
class Square(torch.autograd.Function):
    """out = x²"""
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        doubled = x * 2
        return x * x
    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        factor = 2 * x
        return grad * factor
w = torch.tensor([1.0, 2.0], requires_grad=True)
y = Square.apply(w * 3)
y.sum().backward()
print(w.grad, y.grad_fn.name())
''',
    "as tutorials train": """
import torch
from torch import nn
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
x = torch.linspace(-2, 2, 64).unsqueeze(1)
assert torch.autograd.gradcheck(torch.sin, (torch.randn(3, dtype=torch.double, requires_grad=True),))
model = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1)).to(device)
optimizer = torch.optim.AdamW([{"params": [p]} for p in model.parameters()], lr=0.1)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=8)
for step in range(8):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x.to(device)), torch.sin(3 * x))
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    scheduler.step()
""",
    "a scheduler that sets the momentum": """
import torch
w = torch.ones(2, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.2, total_steps=4)
for step in range(4):
    (w * w).sum().backward()
    optimizer.step()
    scheduler.step()
""",
    "nan in a layer": """
import torch
x = torch.tensor([1.0, 0.0, 4.0])
w = torch.tensor([1.0, 1.0, 1.0], requires_grad=True)
for step in range(2):
    h = torch.relu(w * x.log())
    h.sum().backward()
    with torch.no_grad():
        w -= w.grad
    w.grad = None
""",
    "captured": """
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
x = torch.ones(4, 2)
static = torch.jit.trace(model, x)
for i in range(3):
    static(x * i).sum().backward()
print(model[0].weight.grad)
""",
    "a function that saves nothing": """
import torch
class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, k):
        ctx.k = k
        return x * k
    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.k, None
w = torch.tensor([1.0, 2.0], requires_grad=True)
y = Double.apply(w * 3, 2.0)
y.sum().backward()
print(w.grad)
""",
    "two backwards in a hook": """
import torch
a = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(3.0, requires_grad=True)
def inner(grad):
    with torch.enable_grad():
        (b * grad.detach()).backward()
a.register_hook(inner)
(a * a).backward()
print(a.grad, b.grad)
""",
    "data of a non-leaf": """
import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
y = w * 3
y.data += 1
y.sum().backward()
print(y, w.grad)
""",
}

SCRIPT = """
import math

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

torch.manual_seed(math.floor(3.5))
model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
x = torch.randn(8, 2)
y = x.sum(1, keepdim=True)
for epoch in range(1):
    loss = nn.MSELoss()(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    clip_grad_norm_(model.parameters(), 0.1)
    optimizer.step()
    print(f"{epoch}: {loss.item():.4f}")
plt.plot(x[:, 0], y)
"""
