"""Frauds, each a small program of behaviour on top of a normal world, and what risk control makes of them."""
