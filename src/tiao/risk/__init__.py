"""Real-time fraud: what is known of customer, merchant and device at an instant, and what to do with a payment."""
