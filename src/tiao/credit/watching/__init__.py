"""Watching a model at work: has the population moved, and what would another strategy have done."""
