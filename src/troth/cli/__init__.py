"""The command line: a face that asks, shows and exits."""
