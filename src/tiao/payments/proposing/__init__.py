"""What needs two people about merchants: one proposes, another agrees, and only then it counts."""
