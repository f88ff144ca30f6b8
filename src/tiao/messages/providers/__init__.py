"""The ways by which messages leave: one protocol, one file for each way."""
