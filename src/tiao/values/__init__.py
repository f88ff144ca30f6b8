"""Pure values that every package shares: money, ids, dates, refusals. No I/O, no clock, no chance."""
