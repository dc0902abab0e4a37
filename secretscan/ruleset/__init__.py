"""Rule files in, one compiled and cached ruleset out. Knows nothing of blobs or git."""
