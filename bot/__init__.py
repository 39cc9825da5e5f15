"""Một Cửa: a commune's assistant. Read messages.py first, then pipeline.py, then the rest."""
