"""What is at work and what is tried beside it: content by version, steps by people, one step back."""
