"""The loan engine: terms and a history in, rows and allocations out. Pure: no database, no clock, no floats."""

from tiao.lending.schedule.answer import Answer, Booked, Row
from tiao.lending.schedule.replay import replay
from tiao.lending.schedule.terms import Terms
from tiao.lending.schedule.transactions import Transaction

__all__ = ["Answer", "Booked", "Row", "Terms", "Transaction", "replay"]
