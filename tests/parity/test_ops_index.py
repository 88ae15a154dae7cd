"""Ops on indices, orders, shapes and numbers do what torch does: values, graph, saved fields, gradients, errors."""

from typing import Any

import gradb.dialect
import gradb.nn.functional
import pytest
from index_rows import INDEX_ROWS
from op_parity import Engine, Row, cases, compare
from order_rows import ORDER_ROWS
from pointwise_rows import POINTWISE_ROWS
from product_rows import PRODUCT_ROWS
from query_rows import QUERY_ROWS
from shape_rows import SHAPE_ROWS

torch = pytest.importorskip("torch")

MINE = Engine(gradb.dialect, gradb.nn.functional)
ROWS = [*INDEX_ROWS, *ORDER_ROWS, *SHAPE_ROWS, *PRODUCT_ROWS, *POINTWISE_ROWS, *QUERY_ROWS]
CASES: list[Any] = [pytest.param(row, dtype, layout, id=name) for name, row, dtype, layout in cases(ROWS)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("row", "dtype", "layout"), CASES)
def test_an_op_does_what_torch_does(row: Row, dtype: str, layout: str) -> None:
    compare(row, MINE, Engine(torch, torch.nn.functional), dtype, layout)
