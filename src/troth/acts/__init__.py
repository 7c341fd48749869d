"""What people do: one module per thing; no act calls another."""
