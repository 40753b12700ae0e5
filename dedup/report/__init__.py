"""Results and progress as a person reads them."""
