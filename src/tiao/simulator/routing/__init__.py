"""A made-up world of channels that fail and recover, in which the router of payments is held against simple ones."""
