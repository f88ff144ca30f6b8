"""What people look into: suspended purchases, customers, merchants; the dearest expected loss first."""
