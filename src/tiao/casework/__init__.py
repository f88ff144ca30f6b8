"""People who decide one thing at a time: who may take a case on, for how long, and whose yes counts."""
