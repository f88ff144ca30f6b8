"""What holds in a line of business, as dated data: plans, amounts, discount, refunds, money paid before the service."""
