"""Money that one person moves on a line by hand, up to an amount; from there on another agrees first."""
