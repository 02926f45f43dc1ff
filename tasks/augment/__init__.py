"""Stage augment: the minority class of the train titles, transformed."""
