"""lrbench: vectorization and linear-regression solvers, checked, timed side by side, and reported."""

__version__ = "0.1.0"
