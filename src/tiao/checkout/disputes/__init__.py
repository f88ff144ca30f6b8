"""Disputes: a customer's claim, the merchant's evidence, a decision, and the money that follows."""
