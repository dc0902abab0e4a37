"""Findings out, one module a format. Scans nothing and does not touch git."""
