"""Experiments of merchants: what pay-later does for a shop, measured against not showing it."""
