"""The paired runner: it plans, starts worker processes, and hands back their measurements."""
