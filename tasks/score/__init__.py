"""Score: a release's probability for every title of any catalogue, beside the catalogue's cells."""
