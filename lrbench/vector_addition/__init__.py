"""The documents' experiment: c = a + b, one coordinate at a time or at once."""
