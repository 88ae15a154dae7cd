"""Plain values as YAML in one line: `flow_text({"at": "line 4", "x": [2.0]})` is `{at: line 4, x: [2.0]}`."""

import json
import math
import re
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_][\w./()]*(?: [\w#./()]+)*")
_MEANT_OTHERWISE = re.compile(r"(?i)true|false|null|yes|no|on|off|y|n")


def flow_text(value: Any) -> str:
    """A value of mappings, lists, texts, numbers, bools and None, as YAML 1.2 reads it back."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case float():
            return _number(value)
        case dict():
            return f"{{{', '.join(f'{_text(str(key))}: {flow_text(item)}' for key, item in value.items())}}}"
        case list() | tuple():
            return f"[{', '.join(flow_text(item) for item in value)}]"
        case _:
            return _text(str(value))


def _number(value: float) -> str:
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    return repr(value)


def _text(text: str) -> str:
    """Plain where every reader of YAML takes it for text, else in quotes."""
    if _PLAIN.fullmatch(text) and not _MEANT_OTHERWISE.fullmatch(text):
        return text
    return json.dumps(text, ensure_ascii=False)
