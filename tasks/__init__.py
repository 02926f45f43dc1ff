"""What the lab does with data. Knows nothing of Airflow; usable from a notebook."""
