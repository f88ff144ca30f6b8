"""What merchants are told of: the log of events, where they are told, and how far telling has come."""
