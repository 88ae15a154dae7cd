"""Random indices as source text: `random_index(draw, shape)` gives one such as `-1, :, [0, 2], None`."""

from typing import Any

import numpy as np

Draw = np.random.Generator


def _slice(draw: Draw, size: int) -> str:
    bounds = [str(draw.integers(-size - 1, size + 2)) if draw.random() < 0.5 else "" for _ in range(2)]
    return f"{bounds[0]}:{bounds[1]}" + (f":{draw.integers(1, 4)}" if draw.random() < 0.3 else "")


def _numbers(draw: Draw, size: int, length: int) -> str:
    return f"[{', '.join(map(str, draw.integers(-size, size, length)))}]"


def random_index(draw: Draw, shape: tuple[int, ...]) -> str:
    """An index for a tensor of a shape, mostly a valid one; its lists have one length, so that they fit together."""
    length = int(draw.integers(1, 4))
    items: list[str] = []
    dim = 0
    while dim < len(shape) and draw.random() < 0.85:
        size = shape[dim]
        kind = draw.integers(0, 8)
        if kind == 0 and size:
            items.append(str(draw.integers(-size, size)))
        elif kind in (1, 2):
            items.append(_slice(draw, size))
        elif kind == 3:
            items.append("None")
            continue
        elif kind == 4 and size:
            items.append(_numbers(draw, size, length))
        elif kind == 5 and size:
            items.append(f"torch.tensor({_numbers(draw, size, length)})")
        elif kind == 6:
            mask: Any = (np.arange(size) < min(length, size))[draw.permutation(size)].tolist()
            items.append(f"torch.tensor({mask}, dtype=torch.bool)")
        elif kind == 7 and "..." not in items:
            items.append("...")
            dim = int(draw.integers(dim, len(shape)))
            continue
        else:
            items.append(":")
        dim += 1
    return ", ".join(items) or "..."
