"""Activation functions, each row under torch and under gradb: values, kinks, far tails, in place."""

from op_parity import Row

_PLAIN = [
    "F.leaky_relu(x)", "F.leaky_relu(x, 0.2)", "F.elu(x)", "F.elu(x, 2.0)", "F.selu(x)", "torch.selu(x)", "F.celu(x)",
    "torch.celu(x, 2.0)", "F.gelu(x)", "F.gelu(x, approximate='tanh')", "F.silu(x)", "F.mish(x)", "F.softplus(x)",
    "F.softplus(x, 2, 3)", "F.softplus(x, beta=0.5)", "F.hardtanh(x)", "F.hardtanh(x, -2, 0.5)", "F.relu6(x)",
    "F.hardswish(x)", "F.hardsigmoid(x)", "F.softsign(x)", "F.logsigmoid(x)", "F.tanhshrink(x)", "F.softshrink(x)",
    "F.softshrink(x, 1.0)", "F.hardshrink(x)", "torch.hardshrink(x, 1.0)", "x.hardshrink(0.1)",
    "F.threshold(x, 0.1, 20)", "torch.threshold(x, 0.1, 20)",
]  # fmt: skip
_IN_PLACE = [
    "F.leaky_relu(x * 1, inplace=True)", "F.elu(x * 1, inplace=True)", "F.elu_(x * 1)", "F.selu(x * 1, inplace=True)",
    "F.celu(x * 1, inplace=True)", "F.celu(x * 1, 2.0, True)", "torch.selu_(x * 1)", "torch.celu_(x * 1)",
    "F.silu(x * 1, inplace=True)", "F.mish(x * 1, inplace=True)", "F.hardswish(x * 1, inplace=True)",
    "F.hardsigmoid(x * 1, inplace=True)", "F.hardtanh(x * 1, inplace=True)", "F.relu6(x * 1, inplace=True)",
    "F.threshold(x * 1, 0.1, 20, inplace=True)", "F.threshold_(x * 1, 0.1, 20)", "F.hardtanh_(x * 1, -2, 0.5)",
    "F.leaky_relu_(x * 1, 0.2)", "F.relu_(x * 1)",
]  # fmt: skip
_KINKS = [e for e in _PLAIN if "0.1" not in e and not e.startswith(("torch.", "x."))]
_FLOATS_ONLY = [
    "elu", "selu", "celu", "gelu", "silu", "mish", "softplus", "hardswish", "hardsigmoid", "logsigmoid", "leaky_relu",
]  # fmt: skip

ACTIVATION_ROWS = [
    *[Row(e, "x:3,4") for e in _PLAIN],
    *[Row(e, "x:") for e in _PLAIN[:24]],
    *[Row(e, "x:0,3") for e in _PLAIN],
    *[Row(e, "x:3,4", second=False) for e in _IN_PLACE],
    *[Row(e.replace("x", "(x * 3)", 1).replace("ma(x * 3)", "max"), "x:tied:3,4", second=False) for e in _KINKS],
    *[Row(e, "x:tied:3,4", second=False) for e in _KINKS],
    *[Row(e.replace("(x", "(x * 60"), "x:3,4", second=False) for e in _KINKS],
    *[Row(f"F.{name}(x)", "x:int5:2,3") for name in _FLOATS_ONLY],
    Row("F.hardtanh(x)", "x:int5:2,3"),
    Row("F.relu6(x)", "x:int5:2,3"),
    Row("F.prelu(x, w)", "x:2,3 w:1"),
    Row("F.prelu(x, w)", "x:2,3 w:3", layouts=("plain",)),
    Row("torch.prelu(x, w)", "x:2,3,4 w:3", layouts=("plain",)),
    Row("x.prelu(w.detach())", "x:2,3 w:1"),
    Row("F.prelu(x, w)", "x:4 w:1"),
    Row("F.prelu(x, w)", "x:2,3 w:"),
    Row("F.prelu(x * 0, w)", "x:2,3 w:1", second=False),
    Row("F.prelu(x, w)", "x:2,3 w:2"),
    Row("F.glu(x)", "x:2,4"),
    Row("F.glu(x, 0)", "x:2,4"),
    Row("F.glu(x, -2)", "x:2,4,3"),
    Row("F.glu(x)", "x:2,3"),
    Row("F.softmin(x, 1)", "x:2,3"),
    Row("F.softmin(x, -1)", "x:2,3"),
    Row("F.gelu(x, approximate='erf')", "x:2,3"),
    Row("F.hardtanh(x, 1, 0)", "x:2,3"),
    Row("F.celu(x, 0.0)", "x:2,3"),
    Row("F.softshrink(x, -1.0)", "x:2,3"),
    Row("F.elu(x, inplace=True)", "x:2,3"),
]
