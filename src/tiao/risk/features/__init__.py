"""Features of a payment, each defined once as a fold over events; live path and replay run the same definition."""
