"""What a customer allowed, for which purpose, and until when."""
