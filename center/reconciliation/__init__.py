"""Half-day reconciliation: a booth's count against the office's shots, differences explained, signed by two."""
