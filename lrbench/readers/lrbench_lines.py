"""lrbench's own measurements, one JSON line each: results.load, under the name that every reader has."""

from lrbench.results import load as read

__all__ = ["read"]
