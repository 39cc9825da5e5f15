"""Redis: the only package that opens connections. keys.py lists every key and how long it lives."""
