"""The files in which channels tell what they did on a day: read in blocks, refused whole when anything is wrong."""
