"""Training a fraud model from a file of payments; serving needs none of it."""
