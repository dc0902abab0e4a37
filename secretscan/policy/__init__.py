"""Which candidates stand: configuration, ignore comments, allowlist, baseline. Changes no finding."""
