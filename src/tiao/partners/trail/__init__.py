"""What operators did, and why: appended, read, never changed."""
