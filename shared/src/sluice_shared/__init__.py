"""What every Sluice service shares: the contracts they exchange and the plumbing they use the same way."""
