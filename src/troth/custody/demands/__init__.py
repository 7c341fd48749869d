"""What people demand: filed, proven, carried out, read back, and only then called done."""
