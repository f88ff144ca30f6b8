"""How merchants are settled beyond the day itself: terms, reserves, shares, withdrawals, adjustments, files."""
