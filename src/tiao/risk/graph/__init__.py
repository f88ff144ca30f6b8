"""Who hangs together with whom: customers linked by the devices, cards, phones and addresses they share."""
