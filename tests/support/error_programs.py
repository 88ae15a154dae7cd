"""Programs that are mistaken, and programs that warn: `ERRORS` by what they do wrong. See `engine_programs`."""

_SETUP = """
x = T.ones(2, 3, requires_grad=True)
y = T.ones(2, 3, requires_grad=True)
m = T.ones(3, 4, requires_grad=True)
i = T.tensor([0, 1])
b = T.tensor([True, False])
d = T.ones(2, 3, dtype=T.float64)
"""

_LINES = """
x + T.ones(4)
x * T.ones(2, 4)
x.add_(T.ones(2, 3, 1))
(x * 1).add_(T.ones(2, 2, 3))
T.ones(3).add_(x)
x @ x
x @ T.ones(4)
m @ m
T.mm(x, x)
T.mm(x, T.ones(3))
T.mv(x, x)
T.dot(x, x)
T.dot(T.ones(2), T.ones(3))
T.bmm(x, x)
x @ d.t()
T.mm(x, d.t())
F.linear(x, m)
F.linear(x, T.ones(4, 3, dtype=T.float64))
T.addmm(T.ones(5), x, m)
x.view(5)
x.view(-1, 4)
x.view(-1, -1)
x.t().view(6)
x.reshape(4)
x.expand(3, 3)
x.expand(3)
x.squeeze(5)
x.unsqueeze(4)
x.transpose(0, 2)
x.permute(0, 0)
x.permute(0)
T.ones(2, 3, 4).t()
x.sum(2)
x.sum(-3)
x.sum((0, 0))
x.mean(3)
x.max(2)
x.argmax(2)
i.mean()
b.mean()
T.ones(0).max()
T.ones(0).argmax()
T.ones(0, 2).max(0)
T.ones(0).median(0)
x.softmax(2)
x.cumsum(2)
x.sort(2)
x.topk(4)
x[2]
x[0, 3]
x[0, 0, 0]
x[:, T.tensor([3])]
x[T.tensor([2])]
x[T.tensor([True, False, True])]
x[::-1]
x['a']
x[1.5]
x.gather(1, i)
x.gather(1, T.tensor([[3]]))
x.gather(1, T.tensor([[0.5]]))
x.index_select(0, T.tensor([2]))
x.index_select(2, i)
x.scatter(1, T.tensor([[3]]), 1.)
T.cat([x, m])
T.cat([])
T.stack([x, m])
T.stack([])
T.cat([x, T.ones(2, 3, 1)])
x.split(0)
x.split([1, 1])
x.chunk(0)
x.unbind(2)
T.where(b, x, y)
T.where(T.tensor([1, 0, 1]), x, y)
x.masked_fill(b, 0.)
x.masked_select(b)
x.masked_fill(T.tensor([1, 0, 1]), 0.)
x.clamp()
x.item()
bool(x)
float(x)
int(x)
len(T.tensor(1.))
list(T.tensor(1.))
T.tensor([[1, 2], [3]])
T.tensor('a')
T.tensor([1, 'a'])
T.tensor([None])
T.ones(-1)
T.ones(2, 'a')
T.full((2,), 'a')
T.arange(1, 0)
T.arange(0, 1, 0)
T.linspace(0, 1, -1)
T.eye(-1)
T.randint(3, 3, (2,))
T.randperm(-1)
T.normal(0., -1., (2,))
T.bernoulli(T.tensor([2.]))
x.backward()
x.backward(T.ones(3))
x.sum().backward(2)
T.ones(2).sum().backward()
T.autograd.grad(x.sum(), m)
T.autograd.grad(x, x)
T.autograd.grad(x.sum(), T.ones(1))
T.autograd.grad([x.sum(), y.sum()], x, [T.tensor(1.)])
T.autograd.backward([x, y])
T.autograd.backward([x.sum()], [T.ones(1), T.ones(1)])
x.numpy()
x.requires_grad = 1
i.requires_grad_()
b.requires_grad_()
(x * 2).requires_grad_(False)
x.grad = m
x.grad = d
x.grad = 3
x.data = 3
x.retain_grad(); x.detach().retain_grad()
x.detach().register_hook(print)
x.add_(1)
x[0] = 1
x.view(-1).add_(1)
x.t()[0].zero_()
(x * 1).unbind()[0].add_(1)
T.ones(2, 3).expand(2, 2, 3).add_(x)
i.add_(1.5)
i.div_(2)
b.add_(1)
T.ones(2).copy_(T.ones(3))
F.mse_loss(x, m)
F.cross_entropy(x, i.float())
F.cross_entropy(x, T.tensor([0, 3]))
F.cross_entropy(x, T.tensor([0]))
F.nll_loss(x, T.tensor([0, -1]))
F.binary_cross_entropy(x * 2, y)
F.binary_cross_entropy(x, m)
F.binary_cross_entropy_with_logits(x, m)
F.one_hot(T.tensor([-1]))
F.one_hot(T.tensor([3]), 2)
F.embedding(T.tensor([3]), x)
F.embedding(x, x)
F.conv2d(x, m)
F.conv2d(T.ones(1, 2, 4, 4), T.ones(1, 3, 2, 2))
F.conv2d(T.ones(1, 1, 2, 2), T.ones(1, 1, 3, 3))
F.conv1d(T.ones(1, 2, 4), T.ones(1, 1, 2))
F.max_pool2d(T.ones(1, 1, 1, 1), 2)
F.batch_norm(x, T.zeros(2), T.ones(2))
F.batch_norm(T.ones(1, 3), T.zeros(3), T.ones(3), training=True)
F.layer_norm(x, (2,))
F.group_norm(T.ones(1, 3, 2), 2)
F.dropout(x, 1.5)
F.dropout(x, -0.1)
F.softmax(x, dim=3)
F.pad(x, (1,))
F.normalize(x, dim=3)
F.cosine_similarity(x, m)
nn.Linear(3, 2)(T.ones(4))
nn.Linear(3, 2)(i)
nn.Sequential(nn.Linear(3, 2), nn.Linear(3, 2))(x)
nn.Module()(x)
nn.Linear(3, 2).nothing
nn.Parameter(i)
nn.BatchNorm1d(3)(T.ones(2, 4))
nn.Conv2d(1, 1, 3)(T.ones(1, 2, 5, 5))
nn.Embedding(3, 2)(T.tensor([3]))
nn.Linear(3, 2).load_state_dict({})
optim.SGD([], lr=0.1)
optim.SGD([x], lr=-1)
optim.SGD([x * 2], lr=0.1)
optim.SGD(x, lr=0.1)
optim.SGD([x], lr=0.1, momentum=-1)
optim.SGD([x], lr=0.1, nesterov=True)
optim.Adam([x], betas=(1.5, 0.9))
optim.Adam([x], eps=-1)
x.prod(2)
x.norm(dim=3)
x.std(3)
T.einsum('ij,kl->im', x, m)
T.einsum('ij,ij', x, m)
x.repeat(2)
x.tile(2).view(5)
x.flip(2)
x.roll(1, 2)
x.diagonal(0, 0, 0)
T.ones(3).tril()
T.ones(3).diagonal()
x.flatten(1, 0)
x.narrow(1, 2, 2)
x.select(1, 3)
x.kthvalue(4)
x.index_add(0, T.tensor([2]), T.ones(1, 3))
x.type('a')
x.to('nowhere')
x.nothing
T.nothing
x << 1
~x
x & y
-b
b - b
1 - b
x / 'a'
x + None
x ** 'a'
i ** -1
i // 0
i % 0
T.tensor([1.]) + [1]
x == 'a'
x < 'a'
T.isclose(x, d)
T.allclose(x, d)
T.equal(x, 3)
hash(x) and x in [y]
T.manual_seed('a')
T.tensor(1, dtype=3)
T.zeros(2, requires_grad=True, dtype=T.int64)
x.float().double() + 'a'
x.sum(keepdim=True)
x.logsumexp(3)
T.outer(x, x)
T.cross(T.ones(2), T.ones(2))
T.meshgrid(x)
T.unique(x, dim=3)
T.cdist(x, m)
x.var(correction='a')
"""

ERRORS = {line: _SETUP + line for line in _LINES.strip().splitlines()}

_WARNINGS = """
(x * 1).grad
F.mse_loss(x, T.ones(3))
F.l1_loss(x, T.ones(1, 3))
F.smooth_l1_loss(x, T.ones(1, 3))
F.huber_loss(x, T.ones(1, 3))
F.softmax(x)
F.log_softmax(x)
T.tensor(x)
F.mse_loss(x, y, size_average=True)
F.kl_div(x, y)
T.ones(2, 3, 4).T
T.autograd.detect_anomaly()
optim.lr_scheduler.StepLR(optim.SGD([x], 0.1), 1).step()
F.sigmoid(x)
F.tanh(x)
T.std(T.ones(1))
T.var(T.ones(1))
nn.Softmax()(x)
"""

WARNINGS = {line: _SETUP + line for line in _WARNINGS.strip().splitlines()}
