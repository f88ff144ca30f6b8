"""The REST API, version 1: it turns requests into actions and answers into JSON, and decides nothing else."""
