"""The names through which instrumented code reaches gradb. None of them can be spelled in Python: each has a space."""

RECORDER = "gradb recorder"
CALLER_LINE = "gradb caller line"
OBJECT = "gradb object"
INDEX = "gradb index"

TURN = "gradb turn"
ENTER = "gradb enter"
LOAD = "gradb load"
STORE = "gradb store"
IMPORT = "gradb import"
BASE = "gradb base"
CLASS = "gradb class"
ERROR = "gradb error"
FORMAT = "gradb format"
JOIN = "gradb join"
LAZY = "gradb lazy"
WEIGHED = "gradb weighed"
KEYS = "gradb keys"
OPERATORS = {
    operator: f"gradb {operator}"
    for operator in (
        "Add", "Sub", "Mult", "Div", "MatMult", "Pow", "LShift", "RShift", "Mod", "FloorDiv", "BitAnd", "BitOr",
        "BitXor",
    )
}  # fmt: skip
IN_PLACE = {operator: f"{name} in place" for operator, name in OPERATORS.items()}
