"""The server of the Data Rights Protocol 1.0: rooms for agents who demand rights for other people."""
