"""A seeded world outside the platform: banks, people, shops."""
