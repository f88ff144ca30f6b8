"""A payment shared: a merchant gives parts of what it got to others, and takes parts back."""
