"""The ways in that merchants already speak: signatures, envelopes and names of others, over our own actions."""
