"""Expressions of ops that go element by element: angles, exponentials, mixtures, rounding, clamping, where."""

from op_parity import Row

_ONE = "asin acos atan sinh cosh asinh tan tanh frac exp2 sinc deg2rad rad2deg expm1 floor ceil trunc round sign neg"
_ONE_POSITIVE = "log2 log10 log1p log acosh rsqrt sqrt"

_SINGLE = [
    *[Row(f"torch.{name}(x)", "x:unit:2,3") for name in _ONE.split()],
    *[Row(f"x.{name}()", "x:unit:") for name in _ONE.split()],
    *[Row(f"x.{name}()", "x:unit:0,3") for name in _ONE.split()],
    *[Row(f"y = x * 1; y.{name}_()", "x:unit:2,3") for name in _ONE.split()],
    *[Row(f"torch.{name}(x)", "x:positive:2,3") for name in _ONE_POSITIVE.split()],
    *[
        Row(f"torch.{name}(i)", "x:1 i:int2:4")
        for name in ["asin", "atan", "sinh", "exp2", "sinc", "deg2rad", "log2", "floor", "sign"]
    ],
    Row("torch.atanh(x)", "x:unit:2,3"),
    Row("torch.arcsin(x)", "x:unit:2,3"),
    Row("x.arctan()", "x:2,3"),
    Row("torch.acos(x)", "x:wild:3,4", second=False),
    Row("x.sinc()", "x:tied:2,3", second=False),
    Row("x.frac()", "x:wild:3,4", second=False),
    Row("x.round(decimals=1)", "x:2,3"),
    Row("torch.round(x, decimals=-1)", "x:2,3"),
    Row("x.round(decimals=0)", "x:2,3"),
    Row("torch.logit(x)", "x:2,3"),
    Row("torch.logit(x, 0.1)", "x:unit:2,3"),
    Row("x.logit(eps=1e-6)", "x:positive:2,3"),
    Row("x.nan_to_num()", "x:wild:3,4", second=False),
    Row("torch.nan_to_num(x, nan=1.0, posinf=2.0)", "x:wild:3,4", second=False),
    Row("x.nan_to_num(0.5, neginf=-9)", "x:wild:3,4", second=False),
    Row("y = x * 1; y.nan_to_num_()", "x:wild:3,4", second=False),
]

_TWO = [
    *[
        Row(f"torch.{name}(x, y)", "x:2,3 y:3")
        for name in ["atan2", "hypot", "logaddexp", "logaddexp2", "fmax", "fmin"]
    ],
    *[Row(f"x.{name}(y)", "x:2,1 y:2,3") for name in ["atan2", "hypot", "logaddexp", "logaddexp2", "fmax", "fmin"]],
    *[
        Row(f"torch.{name}(x, y)", "x:tied:3,4 y:tied:3,4", second=False)
        for name in ["fmax", "fmin", "maximum", "minimum"]
    ],
    *[
        Row(f"torch.{name}(x, y)", "x:wild:3,4 y:wild:3,4", second=False)
        for name in ["fmax", "fmin", "maximum", "minimum"]
    ],
    *[Row(f"torch.{name}(x, y)", "x:2,3 y:4,3") for name in ["atan2", "hypot", "logaddexp", "fmax"]],
    *[Row(f"torch.{name}(x, 2)", "x:2,3") for name in ["atan2", "hypot", "logaddexp", "fmax"]],
    Row("torch.atan2(x, y)", "x:tied:3,4 y:tied:3,4", second=False),
    Row("torch.atan2(i, j)", "x:1 i:int5:3 j:int5:3"),
    Row("torch.atan2(x, y.double())", "x:2,3 y:"),
    Row("y = x * 1; y.atan2_(z)", "x:2,3 z:3"),
    Row("torch.hypot(x, y)", "x:tied:3,4 y:tied:3,4", second=False),
    Row("torch.xlogy(x, y)", "x:2,3 y:positive:3"),
    Row("torch.xlogy(x, y)", "x:tied:2,3 y:positive:2,3"),
    Row("torch.xlogy(x, 2)", "x:2,3"),
    Row("torch.xlogy(2, y)", "y:positive:2,3"),
    Row("x.xlogy(y)", "x:tied:2,3 y:tied:2,3", second=False),
    Row("torch.fmod(x, 2)", "x:2,3"),
    Row("x.fmod(0.7)", "x:2,3"),
    Row("torch.fmod(x, y)", "x:2,3 y:3"),
    Row("i.fmod(3)", "x:1 i:int9:6"),
    Row("i.fmod(0)", "x:1 i:int9:6"),
    Row("i.fmod(2.5)", "x:1 i:int9:6"),
    Row("y = x * 1; y.fmod_(2)", "x:2,3"),
    Row("torch.remainder(x, 2)", "x:2,3"),
    Row("x.remainder(-0.7)", "x:2,3"),
    Row("x % y", "x:2,3 y:3"),
    Row("y = x * 1; y %= 2; y", "x:2,3"),
    Row("y = x * 1; y.remainder_(z)", "x:2,3 z:3"),
    Row("y = x * 1; y //= 2; y", "x:2,3"),
    Row("torch.heaviside(x, y)", "x:tied:2,3 y:2,3"),
    Row("7 % x", "x:2,3"),
    Row("i % 3", "x:1 i:int9:6"),
    Row("x // 2", "x:2,3"),
    Row("torch.floor_divide(x, y)", "x:2,3 y:3"),
    Row("i // 0", "x:1 i:int9:6"),
    Row("i // -2", "x:1 i:int9:6"),
    Row("torch.div(x, y, rounding_mode='floor')", "x:2,3 y:3"),
    Row("torch.div(x, 2, rounding_mode='trunc')", "x:2,3"),
    Row("torch.div(i, 2, rounding_mode='trunc')", "x:1 i:int9:6"),
    Row("torch.div(i, 2, rounding_mode='floor')", "x:1 i:int9:6"),
    Row("torch.div(x, 2, rounding_mode='up')", "x:2,3"),
]

_THREE = [
    Row("torch.lerp(x, y, 0.3)", "x:2,3 y:2,3"),
    Row("x.lerp(y, 0.8)", "x:2,3 y:3"),
    Row("torch.lerp(x, y, w)", "x:2,3 y:2,3 w:unit:3"),
    Row("torch.lerp(x, y, w)", "x:2,3 y:2,3 w:unit:"),
    Row("y = x * 1; y.lerp_(z, 0.25)", "x:2,3 z:2,3"),
    Row("y = x * 1; y.lerp_(z, w)", "x:2,3 z:2,3 w:unit:2,3"),
    Row("torch.lerp(x, y.double(), 0.3)", "x:2,3 y:2,3"),
    Row("torch.addcmul(x, y, z)", "x:2,3 y:3 z:2,1", layouts=("plain",)),
    Row("x.addcmul(y, z, value=-0.5)", "x:2,3 y:2,3 z:2,3"),
    Row("torch.addcdiv(x, y, z)", "x:2,3 y:3 z:positive:2,1", layouts=("plain",)),
    Row("x.addcdiv(y, z, value=2)", "x:2,3 y:2,3 z:positive:2,3"),
    Row("y = x * 1; y.addcmul_(z, z, value=2)", "x:2,3 z:2,3"),
    Row("y = x * 1; y.addcdiv_(z, z, value=2)", "x:2,3 z:positive:2,3", second=False),
    Row("torch.addcmul(i, i, i, value=2)", "x:1 i:int5:4"),
    Row("torch.addcdiv(i, i, i)", "x:1 i:int5:4"),
    Row("torch.addcmul(x, y, z)", "x:2,3 y:4 z:2,1"),
    Row("x.clamp(y, z)", "x:3,4 y:4 z:3,1"),
    Row("x.clamp(min=y)", "x:3,4 y:4"),
    Row("torch.clamp(x, max=y)", "x:3,4 y:3,4"),
    Row("torch.clip(x, y, z)", "x:tied:3,4 y:tied:3,4 z:tied:3,4", second=False),
    Row("x.clamp(-0.5, 0.5)", "x:3,4"),
    Row("x.clamp(-1, 1)", "x:tied:3,4"),
    Row("x.clamp(1, -1)", "x:tied:3,4"),
    Row("x.clamp()", "x:3,4"),
    Row("x.clamp(y, 1)", "x:3,4 y:3,4"),
    Row("x.clamp(0.0, 0.5)", "x:wild:3,4", second=False),
    Row("x.clamp_min(0.1)", "x:3,4"),
    Row("x.clamp_min(y)", "x:tied:3,4 y:tied:4", second=False),
    Row("x.clamp_max(y)", "x:tied:3,4 y:tied:4", second=False),
    Row("torch.clamp_max(x, 0.1)", "x:3,4"),
    Row("i.clamp(1, 3)", "x:1 i:int9:6"),
    Row("i.clamp(0.5, 3)", "x:1 i:int9:6"),
    Row("y = x * 1; y.clamp_(0, 1)", "x:3,4"),
    Row("y = x * 1; y.clamp_(z)", "x:3,4 z:3,4"),
    Row("y = x * 1; y.clamp_min_(0)", "x:3,4"),
    Row("y = x * 1; y.clamp_max_(z)", "x:3,4 z:4"),
    Row("torch.where(m, x, 0)", "x:2,3 m:bool:2,3"),
    Row("torch.where(m, 1.0, x)", "x:2,3 m:bool:3"),
    Row("torch.where(m, x, y)", "x:2,3 m:bool:2,1 y:3"),
    Row("x.where(m, y)", "x:2,3 m:bool:2,3 y:"),
    Row("x.where(m, 0)", "x:2,3 m:bool:2,3"),
    Row("torch.where(m, 1, 2)", "x:1 m:bool:2,3"),
    Row("torch.where(m, 1, 2.5)", "x:1 m:bool:2,3"),
    Row("torch.where(m, x, i)", "x:2,3 m:bool:2,3 i:int5:3"),
    Row("torch.where(m)", "x:1 m:bool:2,3"),
    Row("torch.where(i)", "x:1 i:int2:2,3"),
    Row("torch.where(i, x, 0)", "x:2,3 i:int2:2,3"),
    Row("torch.where(m, x, y)", "x:2,3 m:bool:2,3 y:4"),
]

POINTWISE_ROWS = [*_SINGLE, *_TWO, *_THREE]
