"""Rules of risk control: a small typed language, its versions, and what they would have done."""
