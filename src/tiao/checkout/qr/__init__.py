"""QR codes at a counter: reading and writing what wallets and terminals agree on. Pure: no database, no clock."""
