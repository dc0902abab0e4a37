"""What to do about a finding: the provider's guide and the code that should have stood there."""
