"""What people decide about how channels are chosen: drained, closed for a while, by which policies; two at a time."""
