"""The faces people and programs meet over HTTP; a face asks, shows and decides nothing."""
