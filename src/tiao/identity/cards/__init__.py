"""Cards that customers bind: whose they are, by four elements and a code; the number sealed, shown by its last four."""
