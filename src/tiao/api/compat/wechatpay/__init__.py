"""Requests, answers and notices in the form of WeChat Pay's API, version 3 (`/v3/...`)."""
