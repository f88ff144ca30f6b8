"""The credentials of merchants who speak other forms, and the platform key that answers them."""
