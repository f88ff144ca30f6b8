"""Paying by a link: an address that is signed, ends by itself, serves one payment and shows no more than it needs."""
