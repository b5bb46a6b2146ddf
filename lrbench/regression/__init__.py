"""The core: linear regression as plain functions of arrays, one file a backend or an algorithm family."""
