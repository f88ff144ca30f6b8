"""Money over time: plans, bills, prices, penalties, refunds; pure rules here, rows and postings beside them."""
