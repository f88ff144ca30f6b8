"""What payments were said to be, by whom: the weightiest source counts, its latest word, and the features learn it."""
