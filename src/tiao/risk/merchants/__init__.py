"""Merchants under suspicion: sudden volume, refunds, amounts just below limits, cash-out; by day and by hour."""
