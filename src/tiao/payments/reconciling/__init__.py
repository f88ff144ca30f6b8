"""Our books, the channel's file and the bank's statement held together every day; what differs is a ticket."""
