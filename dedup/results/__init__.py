"""What a run gives: the tables of the contract, in memory and on disk."""
