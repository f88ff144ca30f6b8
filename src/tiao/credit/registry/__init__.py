"""Which models and policies have decided, kept as content."""
