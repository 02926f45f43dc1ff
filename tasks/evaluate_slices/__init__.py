"""Stage evaluate_slices: what the winner is worth, overall, slice by slice and blind."""
