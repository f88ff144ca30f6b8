"""Which channel a payment takes: what is known of each one's health, and a choice that never stops learning. Pure."""
