"""Stage label: rules vote, votes become weak labels, content decides the split."""
