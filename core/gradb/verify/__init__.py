"""Proof that gradb does what PyTorch does: `gradb.verify.verification.verify(scenario)` runs a program on both."""
