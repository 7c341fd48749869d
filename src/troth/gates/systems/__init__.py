"""Systems beyond ours: other databases and web hooks, told to do what a person demanded of us."""
