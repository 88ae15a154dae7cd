"""Every op family; importing this package gives tensors their methods and fills `registry.torch_functions`."""

from gradb.ops import (
    activation as activation,
)
from gradb.ops import (
    arithmetic as arithmetic,
)
from gradb.ops import (
    compare as compare,
)
from gradb.ops import (
    convert as convert,
)
from gradb.ops import (
    creation as creation,
)
from gradb.ops import (
    erf as erf,
)
from gradb.ops import (
    extremes as extremes,
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
    loss as loss,
)
from gradb.ops import (
    matrix as matrix,
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
    reduction as reduction,
)
from gradb.ops import (
    rounding as rounding,
)
from gradb.ops import (
    select as select,
)
from gradb.ops import (
    shape as shape,
)
from gradb.ops import (
    softmax as softmax,
)
from gradb.ops import (
    spread as spread,
)
