"""Pictures and files: judged by what they are, drawn anew, sealed chunk by chunk."""
