"""No domain: configuration, database, queries, migrations, batching, clock, secrets, log."""
