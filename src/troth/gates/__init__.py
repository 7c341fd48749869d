"""The outside: everything that crosses the network on the way out, each behind a small port."""
