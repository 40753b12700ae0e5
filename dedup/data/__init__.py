"""Tables that the code reads, and the commands that make them."""
