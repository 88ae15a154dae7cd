"""Recording real PyTorch: `gradb.verify.pytorch.running.run_on_torch(scenario)` gives the same kind of trace.

Nothing here loads torch until a program is run on it.
"""
