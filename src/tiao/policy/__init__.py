"""Dated rules as data: every number that law, supervisors or the operator may change without a release."""
