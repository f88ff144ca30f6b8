"""Loans that become losses: one person proposes it, another agrees, and only then it is booked."""
