"""The catalog: its columns and gold, and what every stage asks of a table of titles."""
