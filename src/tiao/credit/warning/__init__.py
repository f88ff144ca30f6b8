"""Early warning: each line looked at once a month, by how it is used and repaid."""
