"""Blobs from the index, from pushes, history, folders and streams, lazily. Knows nothing of rules."""
