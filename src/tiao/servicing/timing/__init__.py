"""When a bill is debited: on the two agreed days, and again when the account likely holds it; each try says why."""
