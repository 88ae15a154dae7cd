"""Every op family; importing this package gives tensors their methods and fills `registry.torch_functions`."""

from gradb.ops import (
    activation as activation,
)
from gradb.ops import (
    added_products as added_products,
)
from gradb.ops import (
    arithmetic as arithmetic,
)
from gradb.ops import (
    assigning as assigning,
)
from gradb.ops import (
    avg_pool as avg_pool,
)
from gradb.ops import (
    batch_norm as batch_norm,
)
from gradb.ops import (
    binary_loss as binary_loss,
)
from gradb.ops import (
    bits as bits,
)
from gradb.ops import (
    clamping as clamping,
)
from gradb.ops import (
    compare as compare,
)
from gradb.ops import (
    contraction as contraction,
)
from gradb.ops import (
    convert as convert,
)
from gradb.ops import (
    convolution as convolution,
)
from gradb.ops import (
    counting as counting,
)
from gradb.ops import (
    creation as creation,
)
from gradb.ops import (
    cross_entropy as cross_entropy,
)
from gradb.ops import (
    cumulative as cumulative,
)
from gradb.ops import (
    diagonals as diagonals,
)
from gradb.ops import (
    divergence as divergence,
)
from gradb.ops import (
    dropout as dropout,
)
from gradb.ops import (
    embedding as embedding,
)
from gradb.ops import (
    erf as erf,
)
from gradb.ops import (
    exponential_units as exponential_units,
)
from gradb.ops import (
    exponentials as exponentials,
)
from gradb.ops import (
    extremes as extremes,
)
from gradb.ops import (
    gates as gates,
)
from gradb.ops import (
    gathering as gathering,
)
from gradb.ops import (
    indexing as indexing,
)
from gradb.ops import (
    inplace as inplace,
)
from gradb.ops import (
    joining as joining,
)
from gradb.ops import (
    layer_norm as layer_norm,
)
from gradb.ops import (
    masking as masking,
)
from gradb.ops import (
    matrix as matrix,
)
from gradb.ops import (
    max_pool as max_pool,
)
from gradb.ops import (
    mixing as mixing,
)
from gradb.ops import (
    nll_loss as nll_loss,
)
from gradb.ops import (
    ordering as ordering,
)
from gradb.ops import (
    padding as padding,
)
from gradb.ops import (
    pointwise as pointwise,
)
from gradb.ops import (
    power as power,
)
from gradb.ops import (
    query as query,
)
from gradb.ops import (
    randoms as randoms,
)
from gradb.ops import (
    ranking_loss as ranking_loss,
)
from gradb.ops import (
    reduction as reduction,
)
from gradb.ops import (
    regression_loss as regression_loss,
)
from gradb.ops import (
    repeating as repeating,
)
from gradb.ops import (
    rounding as rounding,
)
from gradb.ops import (
    scattering as scattering,
)
from gradb.ops import (
    select as select,
)
from gradb.ops import (
    shape as shape,
)
from gradb.ops import (
    shrink as shrink,
)
from gradb.ops import (
    similarity as similarity,
)
from gradb.ops import (
    slicing as slicing,
)
from gradb.ops import (
    softmax as softmax,
)
from gradb.ops import (
    spread as spread,
)
from gradb.ops import (
    stacking as stacking,
)
from gradb.ops import (
    steps as steps,
)
from gradb.ops import (
    trigonometry as trigonometry,
)
from gradb.ops import (
    turning as turning,
)
