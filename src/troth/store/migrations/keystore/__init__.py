"""The revisions of the keystore."""
