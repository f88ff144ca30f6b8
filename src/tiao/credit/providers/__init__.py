"""The outside parties that credit asks: the bureau."""
