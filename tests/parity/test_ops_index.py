"""Ops on indices, orders, shapes and numbers do what torch does: values, graph, saved fields, gradients, errors."""

from typing import Any

import gradb.dialect
import gradb.nn.functional
import numpy as np
import pytest
from dtype_rows import DTYPE_ROWS
from index_rows import INDEX_ROWS
from op_parity import Engine, Row, cases, compare
from order_rows import ORDER_ROWS
from pointwise_rows import POINTWISE_ROWS
from product_rows import PRODUCT_ROWS
from query_rows import QUERY_ROWS
from random_indices import random_index
from shape_rows import SHAPE_ROWS

torch = pytest.importorskip("torch")

MINE = Engine(gradb.dialect, gradb.nn.functional)
ROWS = [*INDEX_ROWS, *ORDER_ROWS, *SHAPE_ROWS, *PRODUCT_ROWS, *POINTWISE_ROWS, *QUERY_ROWS, *DTYPE_ROWS]
CASES: list[Any] = [pytest.param(row, dtype, layout, id=name) for name, row, dtype, layout in cases(ROWS)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("row", "dtype", "layout"), CASES)
def test_an_op_does_what_torch_does(row: Row, dtype: str, layout: str) -> None:
    compare(row, MINE, Engine(torch, torch.nn.functional), dtype, layout)


FORMS = ["x[{0}]", "y = x * 2; y[{0}] = 1.5; y", "y = x * 2; y[{0}] = s; y", "y = x * 2; y[{0}] = z[{0}]; y"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(400))
def test_a_random_index_reads_and_writes_what_torch_does(seed: int) -> None:
    draw = np.random.default_rng(seed)
    shape = tuple(int(n) for n in draw.integers(1, 4, draw.integers(1, 4)))
    sizes = ",".join(map(str, shape))
    form = FORMS[seed % len(FORMS)]
    row = Row(form.format(random_index(draw, shape)), f"x:{sizes} z:{sizes} s:", second=form == FORMS[0])
    compare(row, MINE, Engine(torch, torch.nn.functional), "float64", "plain")
