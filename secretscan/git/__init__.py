"""Everything that speaks to git. Knows nothing of rules and findings."""
