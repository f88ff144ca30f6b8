"""What merchants of other forms order, under their own numbers: made, paid, closed, refunded, told of."""
