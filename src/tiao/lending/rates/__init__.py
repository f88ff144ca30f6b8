"""Yearly rates of cash flows, each convention named: effective (EU APRC), US actuarial, per period, annuities. Pure."""

from tiao.lending.rates.roots import Found, Timed, solve
from tiao.lending.rates.yearly import compound_yearly, simple_yearly

__all__ = ["Found", "Timed", "compound_yearly", "simple_yearly", "solve"]
