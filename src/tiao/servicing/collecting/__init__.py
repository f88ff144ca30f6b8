"""Overdue lines, whether somebody may be spoken to about them now, and what was said."""
