"""A scenario's program on real torch reaches no more than on gradb, even where it knows that it runs on torch."""

import pytest
from gradb.errors import UserError
from gradb.scenario.program.budget import Budget
from gradb.scenario.scenario import Scenario

torch = pytest.importorskip("torch")

from gradb.verify.pytorch.running import run_on_torch  # noqa: E402


def run(program: str) -> None:
    run_on_torch(Scenario(title="a program", program=f"import torch\n{program}\n", filename="program"), Budget())


@pytest.mark.parametrize(
    "program",
    [
        "torch.save(torch.ones(1), 'x')",
        "torch.load('x')",
        "torch.from_file('x', size=1)",
        "torch.hub.load('x', 'y')",
        "torch.ones(1).storage()",
        "torch.ones(1).untyped_storage()",
        "torch.ones(1).data_ptr()",
        "torch.ones(1).numpy().tofile('x')",
        "torch.ones(1).apply_(print)",
        "torch.ones(1).share_memory_()",
        "torch.ones(1)._cdata",
        "torch.ones(1).module_load(torch.ones(1))",
        "torch.ones(1).__reduce__()",
        "torch.Tensor.module_load",
        "torch.Tensor.__subclasses__()",
        "torch.nn.Linear(1, 1).compile()",
        "torch.nn.Linear(1, 1).share_memory()",
        "torch.nn.Linear(1, 1).get_submodule('')",
        "torch.nn.Linear(1, 1)._parameters",
        "torch.nn.Module.dump_patches",
        "torch.nn.functional.relu.__globals__",
        "torch.nn.modules",
        "torch.utils.cpp_extension",
        "torch.optim.SGD([torch.ones(1)], 0.1).profile_hook_step",
        "torch.optim.SGD([torch.ones(1)], 0.1)._cuda_graph_capture_health_check",
        "torch.utils.data.DataLoader([1]).multiprocessing_context",
        "(torch.ones(1, requires_grad=True) * 2).grad_fn._register_hook_dict({})",
        "(torch.ones(1, requires_grad=True) * 2).grad_fn._set_sequence_nr",
        "getattr(torch.ones(1), 'untyped_' + 'storage')",
        "setattr(torch.ones(1), 'grad_fn', None)",
        "setattr(torch.ones(1), '_backward_hooks', {})",
        "super(torch.nn.Linear, torch.nn.Linear(1, 1)).compile()",
        "class A(torch.Tensor):\n    pass",
        "class A(torch.Generator):\n    pass",
        "class A(torch.nn.Module):\n    def f(self):\n        return self.compile\nA().f()",
        "class A(torch.nn.Module):\n    def f(self):\n        return super().compile\nA().f()",
        "class A(torch.nn.Module):\n    def f(self):\n        return self.get_extra_state\nA().f()",
        "class A(torch.autograd.Function):\n    pass\nA._backward_cls",
        "class A(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        ctx._get_user_fn\n"
        "        return x\nA.apply(torch.ones(1))",
        "class A(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        ctx.metadata = 1\n"
        "        return x\nA.apply(torch.ones(1))",
        "torch.ones(10).expand(10 ** 12, 10)",
        "torch.zeros(10 ** 12)",
        "import numpy as np\nnp.array([torch.ones(1)], dtype=object)",
    ],
)
def test_what_is_not_for_programs_is_refused_on_torch_too(program: str) -> None:
    with pytest.raises(UserError):
        run(program)


def test_what_programs_may_use_works_on_torch() -> None:
    run(
        "x = torch.ones(2, 3, requires_grad=True)\n"
        "m = torch.max(x, dim=1)\n"
        "assert m.values.shape == (2,) and m.indices.numel() == 2\n"
        "assert x.expand(2, 3).size(0) == 2 and x.dtype == torch.float32 and x.device.type == 'cpu'\n"
        "y = (x * 2).sum()\n"
        "assert y.grad_fn.name() == 'SumBackward0' and y.grad_fn.next_functions[0][0]._saved_self is None\n"
        "handle = y.register_hook(print)\n"
        "handle.remove()\n"
        "assert isinstance(x, torch.Tensor) and type(x) is torch.Tensor\n"
        "g = torch.Generator()\n"
        "g.manual_seed(1)\n"
        "bn = torch.nn.BatchNorm1d(3)\n"
        "bn.extra = bn.running_mean + bn.eps\n"
        "assert bn.training and bn(x).shape == (2, 3) and bn.state_dict().keys()\n"
        "o = torch.optim.SGD(bn.parameters(), lr=0.1)\n"
        "assert o.param_groups[0]['lr'] == 0.1 and o.state_dict()['state'] == {}\n"
    )
