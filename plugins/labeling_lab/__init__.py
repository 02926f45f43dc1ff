"""What the lab adds to Airflow: operators, callbacks, and the commands behind the Makefile."""
