"""Traces in files: `open_trace("run.gradb")` reads one, `Saving` writes one while its program runs.

A trace file is a SQLite database; `tables.py` has its tables, and docs/trace-format.md tells what is in them.
"""
