"""What a finding means for us: its score, its class, its owner, its deadline, and the gate. Pure; time is passed in."""
