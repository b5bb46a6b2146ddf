"""How many digits of a least-squares solution are right: data sets, exact answers, measured and expected digits."""
