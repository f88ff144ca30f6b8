"""A bank that is not real: accounts, agreements, debits, payouts over a real wire; its faults repeat from a seed.

It is a program of its own: it knows tiao's wire and nothing else of tiao.
"""
