"""A small codec of the ISO 20022 messages that payments exchange with banks; amounts exact, hostile text refused."""
