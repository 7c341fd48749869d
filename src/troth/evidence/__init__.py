"""What each clause's promise looks like right now: kept, at risk, broken, unproven, attested."""
