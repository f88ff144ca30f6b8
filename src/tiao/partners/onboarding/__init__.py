"""How a company becomes a merchant: it applies, is looked at by two people, signs, and may sell."""
