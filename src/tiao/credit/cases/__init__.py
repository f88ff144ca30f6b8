"""What waits for people: applications to approve, objections to answer, limits that staff propose."""
