"""How fast the promises are kept, beside the same work done in plaintext with no promise at all."""
