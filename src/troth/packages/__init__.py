"""What a person takes along: writes and reads packages; knows bytes and words, no store, no keys.

A package is a zip whose last two files are its manifest and a signature over it. It is written as a
stream, so that it is sealed or sent while it is made, and read strictly: what no writer here would have
written is refused. The format is described in `docs/formats/package.md`.
"""
