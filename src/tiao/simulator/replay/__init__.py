"""Replay: a file of past transactions lived again on the live path, on a test clock."""
