"""Scenarios as tests of pytest; `gradb.pytest_plugin` loads this when it meets the first scenario file."""
