"""Measures every part, or those named on the command line, and prints one table; exits 1 if a part fails to run."""

import importlib
import sys

from bench.table import Row, show

PARTS = ("regression", "mlp", "memory", "startup", "app", "scale")


def main(chosen: list[str]) -> int:
    """Runs the parts one after the other; a part that raises leaves the others their figures."""
    unknown = sorted(set(chosen) - set(PARTS))
    if unknown:
        print(f"bench: no part is called {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    failures: list[tuple[str, Exception]] = []
    for part in chosen or PARTS:
        print(f"bench: {part} ...", file=sys.stderr)
        try:
            rows += importlib.import_module(f"bench.{part}").measure()
        except Exception as error:
            failures.append((part, error))
    show(rows, failures)
    return 1 if failures else 0


sys.exit(main(sys.argv[1:]))
