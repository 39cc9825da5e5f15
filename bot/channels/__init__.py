"""Where citizens write to us: each channel turns its own messages into Incoming and a Reply into its own."""
