"""A story on made-up people: a privacy agreement being kept, measured while it happens."""
