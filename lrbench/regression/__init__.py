"""Linear regression by gradients and in closed form: plain functions of arrays, one backend to a file."""
