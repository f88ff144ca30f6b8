"""Measurements of tiao by itself: loans in memory, purchases beside pgbench, the close of a day."""
