"""gradb's benchmark: `make bench`, or `PYTHONPATH=tests .venv/bin/python -m bench [PART...]`."""
