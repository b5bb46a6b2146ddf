"""Least squares for data that never are in memory as a whole: blocks that are read one by one, here or on a cluster.

How it goes: a *source* reads blocks of rows [X y] by number (`npy`, `parquet`, `zarr_store`), or is an iterator or a
dask array. A *pass* computes something small of every block and merges it, in pairs: the second moments first, then
the gradient's sums for each correction (`passes`, over `regression.merging`, `regression.refined`). A pass runs in
this process, a block in each thread (`reading`), or as a tree of Dask's delayed calls (`dask_engine`), which ships,
schedules and retries; nothing here does. What a block gives takes n_features^2 numbers, so that is all that travels.
"""
