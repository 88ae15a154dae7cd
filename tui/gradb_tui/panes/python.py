"""Python source as coloured rows, one per line: `python_rows(source)`."""

import io
import keyword
import tokenize

from gradb_tui.panes.rows import Row, Span

_ROLES = {tokenize.STRING: "string", tokenize.NUMBER: "number", tokenize.COMMENT: "comment"}


def python_rows(source: str) -> list[Row]:
    """A row for each line. Source that Python cannot read is shown without colours from there on."""
    lines = source.splitlines()
    marks: list[list[tuple[int, int, str]]] = [[] for _ in lines]
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            role = _role(token)
            if role:
                _mark(marks, lines, token, role)
    except (tokenize.TokenError, SyntaxError):
        pass
    return [_row(line, found) for line, found in zip(lines, marks, strict=True)]


def _role(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.NAME:
        return "keyword" if keyword.iskeyword(token.string) else ""
    name = tokenize.tok_name[token.type]
    return "string" if name.startswith("FSTRING") else _ROLES.get(token.type, "")


def _mark(marks: list[list[tuple[int, int, str]]], lines: list[str], token: tokenize.TokenInfo, role: str) -> None:
    (first, start), (last, end) = token.start, token.end
    for number in range(first, min(last, len(lines)) + 1):
        left = start if number == first else 0
        right = end if number == last else len(lines[number - 1])
        marks[number - 1].append((left, right, role))


def _row(line: str, marks: list[tuple[int, int, str]]) -> Row:
    spans: list[Span] = []
    done = 0
    for start, end, role in marks:
        if start > done:
            spans.append((line[done:start], "plain"))
        spans.append((line[max(start, done) : end], role))
        done = max(done, end)
    if done < len(line):
        spans.append((line[done:], "plain"))
    return Row(tuple(spans))
