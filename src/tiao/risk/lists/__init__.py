"""Lists: who and what is blocked, allowed or watched, since when, until when, by whom and why."""
