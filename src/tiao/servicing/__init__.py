"""What happens to credit over time: repayments, autopay, the close of day, losses. It orders the steps of others."""
