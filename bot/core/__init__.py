"""Pure code: no network, no clock, no randomness; everything it needs is passed in."""
