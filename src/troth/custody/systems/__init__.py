"""What systems beyond ours have to do: noted with the act that asks for it, tried until it is read back."""
