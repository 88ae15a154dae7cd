"""The rows of every table of ops, in one list."""

from activation_rows import ACTIVATION_ROWS
from convolution_rows import CONVOLUTION_ROWS, POOLING_ROWS
from index_rows import INDEX_ROWS
from loss_rows import BINARY_ROWS, CLASS_ROWS, DISTANCE_ROWS, REGRESSION_ROWS
from normalization_rows import EMBEDDING_ROWS, NORMALIZATION_ROWS
from order_rows import ORDER_ROWS
from pointwise_rows import POINTWISE_ROWS
from product_rows import PRODUCT_ROWS
from query_rows import QUERY_ROWS
from shape_rows import SHAPE_ROWS

ROWS = [
    *INDEX_ROWS,
    *ORDER_ROWS,
    *SHAPE_ROWS,
    *PRODUCT_ROWS,
    *POINTWISE_ROWS,
    *QUERY_ROWS,
    *CONVOLUTION_ROWS,
    *POOLING_ROWS,
    *NORMALIZATION_ROWS,
    *EMBEDDING_ROWS,
    *ACTIVATION_ROWS,
    *REGRESSION_ROWS,
    *CLASS_ROWS,
    *BINARY_ROWS,
    *DISTANCE_ROWS,
]
