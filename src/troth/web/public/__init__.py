"""What everybody may see: the first page, the agreement and its proofs, and addresses that machines know."""
