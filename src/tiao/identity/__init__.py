"""Who a customer is: registered once, sealed at rest, found again by a keyed digest."""
