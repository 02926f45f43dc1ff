"""Stage publish: gates decide, a release is put in place, the pointer moves last."""
