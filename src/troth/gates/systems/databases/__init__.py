"""Other databases, spoken to in SQL: the one place beside the store that does."""
