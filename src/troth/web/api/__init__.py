"""The API: what programs see and do, with a service key and for purposes that the key names."""
