"""Passkeys: keys on people's devices, beside the phone and its code and never instead of them."""
