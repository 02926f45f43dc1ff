"""The embedded sample: a fictional catalog that gives every stage of the lab something to do.

It has the real catalogue's shape (columns, shares, lengths, gaps and known faults) and none of its
text. Descriptions hint at their audience, most of the time. Figures on it mean nothing; it is there
for a first look without a download, and for tests.

``python -m tasks.sample data/sample_titles.csv`` writes the committed file again.
"""

from tasks.sample.titles import FEWEST_TITLES, N_TITLES, SEED, generate_sample

__all__ = ["FEWEST_TITLES", "N_TITLES", "SEED", "generate_sample"]
