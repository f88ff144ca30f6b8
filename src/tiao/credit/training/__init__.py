"""Training a credit model from a file and its schema; nothing here is needed to serve one."""
