"""One programme on several PostgreSQL servers: which of them serves what, and what they do together."""
