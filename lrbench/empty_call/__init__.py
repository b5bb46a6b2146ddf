"""Calls that compute nothing: what remains is the cost of calling, and of the driver that times it."""
