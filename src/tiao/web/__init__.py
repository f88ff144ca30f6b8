"""Pages that people see: written by the server, complete without a script."""
