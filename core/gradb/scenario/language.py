"""The language of a scenario's texts: `use("zh")` chooses it for this process, `pick(texts)` takes the text in it."""

import os
import re
from collections.abc import Mapping

from gradb.errors import UserError

FALLBACK = "en"
PATTERN = r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$"
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts, as POSIX says

_used = FALLBACK


def use(language: str) -> None:
    """Texts that are read from now on are in this language where they have it, else in English.

    `language` is a code such as `zh`, `zh-TW` or `pt_BR`. Raises UserError for anything else.
    """
    global _used
    if not re.fullmatch(PATTERN, language):
        raise UserError(f"{language!r} is not a language", allowed="a code such as en, zh or pt-BR")
    _used = _plain(language)


def current() -> str:
    """The language in use: English, unless one was chosen."""
    return _used


def from_environment(environment: Mapping[str, str] | None = None) -> str:
    """The language of the locale: `zh-cn` where LANG is `zh_CN.UTF-8`; English where it says nothing."""
    environment = os.environ if environment is None else environment
    locale = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    code = re.split(r"[.@]", locale)[0]
    return _plain(code) if re.fullmatch(PATTERN, code) else FALLBACK


def pick(text: str | Mapping[str, str], language: str | None = None) -> str:
    """The text in a language: that of `zh-cn`, else that of `zh`, else the English one."""
    if isinstance(text, str):
        return text
    wanted = _used if language is None else _plain(language)
    texts = {_plain(code): said for code, said in text.items()}
    parts = wanted.split("-")
    for length in range(len(parts), 0, -1):
        found = texts.get("-".join(parts[:length]))
        if found is not None:
            return found
    return texts[FALLBACK]


def _plain(code: str) -> str:
    return code.replace("_", "-").lower()
