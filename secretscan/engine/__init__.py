"""Bytes and compiled rules in, candidates with exact spans out. Knows neither git nor the disk."""
