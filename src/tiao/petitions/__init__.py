"""Petitions: what a customer asks people to do, and the answer that is owed by a day."""
