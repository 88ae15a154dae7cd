"""The colours of a heatmap: a role such as `heat:-3:16` names those of the two halves of a cell."""

STEPS = 16  # colours on each side of zero
BROKEN = STEPS + 1  # NaN or Inf


def heat_role(upper: int, lower: int | None) -> str:
    """The role of a cell with two halves, of which the lower may lie outside."""
    return f"heat:{upper}:{'' if lower is None else lower}"


def heat_colours(role: str, dark: bool) -> tuple[str, str | None]:
    """The colours of both halves of a cell of that role."""
    upper, lower = role.split(":")[1:]
    return _colour(int(upper), dark), _colour(int(lower), dark) if lower else None


def _colour(level: int, dark: bool) -> str:
    """From blue by the colour of nothing to orange; red for what is no number."""
    if level == BROKEN:
        return "#ff2020"
    zero, end = ((32, 38, 46) if dark else (244, 244, 240)), ((64, 156, 255) if level < 0 else (255, 158, 40))
    if not dark:
        end = (20, 80, 190) if level < 0 else (190, 90, 0)
    part = (abs(level) / STEPS) ** 0.7
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in zip(zero, end, strict=True))
