"""The vote card: why a title has its label, and what moved the model."""
