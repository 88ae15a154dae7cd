"""What a debugger asks of a trace: why a number is what it is, where to stop, what to search, where two runs part."""
