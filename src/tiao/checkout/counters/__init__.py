"""Sales in person: stores and terminals, codes that are shown and read, and what may be paid by them a day."""
