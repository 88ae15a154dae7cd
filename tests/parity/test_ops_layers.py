"""Convolution, pooling, normalisation, embedding, activations, dropout and losses do what torch does."""

from typing import Any

import gradb.dialect
import gradb.nn.functional
import pytest
from activation_rows import ACTIVATION_ROWS
from convolution_rows import CONVOLUTION_ROWS, POOLING_ROWS
from loss_rows import BINARY_ROWS, CLASS_ROWS, DISTANCE_ROWS, REGRESSION_ROWS
from normalization_rows import DROPOUT_ROWS, EMBEDDING_ROWS, NORMALIZATION_ROWS
from op_parity import Engine, Row, cases, compare

torch = pytest.importorskip("torch")

MINE = Engine(gradb.dialect, gradb.nn.functional)
ROWS = [
    *CONVOLUTION_ROWS,
    *POOLING_ROWS,
    *NORMALIZATION_ROWS,
    *EMBEDDING_ROWS,
    *DROPOUT_ROWS,
    *ACTIVATION_ROWS,
    *REGRESSION_ROWS,
    *CLASS_ROWS,
    *BINARY_ROWS,
    *DISTANCE_ROWS,
]
CASES: list[Any] = [pytest.param(row, dtype, layout, id=name) for name, row, dtype, layout in cases(ROWS)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("row", "dtype", "layout"), CASES)
def test_an_op_does_what_torch_does(row: Row, dtype: str, layout: str) -> None:
    compare(row, MINE, Engine(torch, torch.nn.functional), dtype, layout)
