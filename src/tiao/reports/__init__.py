"""Read models over the whole programme: SELECT only, for people who decide by them."""
