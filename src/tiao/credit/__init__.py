"""Credit: who may borrow how much, decided from a score with reasons."""
