"""What was said to whom: messages to customers and merchants, written with the fact and delivered afterwards."""
