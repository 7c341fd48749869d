"""The member portal: what a member sees and does, each page a module of its own."""
