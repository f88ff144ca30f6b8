"""Who is asked about a company, behind a protocol."""
