"""Money in and out through a bank channel: debits, payouts, settlements, and the accounts customers bound."""
