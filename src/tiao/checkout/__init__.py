"""From an offer to a loan: quote, authorise, capture, void, refund. It orders the steps; others decide."""
