"""The only writer of money: double entry, append-only, posted in sets."""
