"""What a program can import: `importable(modules, plotted, limit)` gives a Facade for each dotted path."""

from collections.abc import Mapping
from typing import Any

from gradb.scenario.program.arrays import numpy_facade
from gradb.scenario.program.facades import facades
from gradb.scenario.program.kinds import Facade, facade
from gradb.scenario.program.mathematics import math_facade
from gradb.scenario.program.plotting import Plotted, pyplot_facade


def importable(modules: Mapping[str, Any] | None, plotted: Plotted, limit: int) -> dict[str, Facade]:
    """Torch's modules as `modules` gives them (gradb's dialect where it is None), pyplot, numpy and math."""
    if modules is None:
        import gradb.dialect

        modules = {"torch": gradb.dialect}
    pyplot = pyplot_facade(plotted)
    others = {
        "math": math_facade(),
        "numpy": numpy_facade(limit),
        "matplotlib": facade("matplotlib", {"pyplot": pyplot}),
        "matplotlib.pyplot": pyplot,
    }
    return {**others, **facades(modules, limit)}
