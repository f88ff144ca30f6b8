"""What a line has beside its fixed limit, and what of it a purchase may use."""
