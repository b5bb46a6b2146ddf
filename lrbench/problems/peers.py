"""What a user would pick instead: other people's libraries, as rows of the problems' tables.

None takes the steps of lrbench's own closed forms, so each names its algorithm by what it computes; there is but one
way to add two vectors. The declared costs were measured on two threads, at the sizes that they keep from being run.
"""

import functools
from typing import Literal

from lrbench.registry import Implementation

SINGLE_SAMPLES = "SGD, batch 1"


def _peer(
    name: str,
    algorithm: str,
    target: str,
    packages: tuple[str, ...] = (),
    *,
    layout: str = "",
    convert: str = "",
    ns_per_flop: float = 0.0,
    ns_per_sample: float = 0.0,
) -> Implementation:
    return Implementation(
        name,
        algorithm,
        f"lrbench.peers.{target}",
        requires=packages,
        extra="torch" if "torch" in packages else "peers",
        layout=f"lrbench.peers.layouts:{layout}" if layout else "",
        convert=f"lrbench.peers.{convert}" if convert else "",
        threads="all",
        arithmetic="reassociated",  # BLAS, or what does its work
        ns_per_flop=ns_per_flop,
        ns_per_sample=ns_per_sample,
    )


_SCIPY, _SCIKIT_LEARN, _INTELEX = ("scipy",), ("sklearn",), ("sklearn", "sklearnex")
_STATSMODELS, _POLARS, _JAX, _TORCH = ("statsmodels",), ("polars", "polars_ols"), ("jax",), ("torch",)
_SVD, _PIVOTED, _QR, _NORMAL = "SVD, divide and conquer", "pivoted QR", "QR", "normal equations"

_with_ones = functools.partial(_peer, layout="with_ones_by_column")
_by_column = functools.partial(_peer, layout="by_column")
_polars = functools.partial(_by_column, packages=_POLARS, convert="polars_ols:table")
_jax = functools.partial(_with_ones, packages=_JAX, convert="jax:transposed")
_torch = functools.partial(_with_ones, packages=_TORCH, convert="torch:tensors")

LEAST_SQUARES = (
    _with_ones("numpy_lstsq", _SVD, "numpy:lstsq", ns_per_flop=0.38),
    _with_ones("scipy_gelsd", _SVD, "scipy:gelsd", _SCIPY, ns_per_flop=0.38),
    _with_ones("scipy_gelsy", _PIVOTED, "scipy:gelsy", _SCIPY, ns_per_flop=0.38),
    _with_ones("scipy_lsmr", "LSMR, iterative", "scipy:lsmr", _SCIPY),
    _by_column("scikit_learn", _SVD, "scikit_learn:linear_regression", _SCIKIT_LEARN, ns_per_flop=0.38),
    _by_column("scikit_learn_tol_0", _SVD, "scikit_learn:linear_regression_tol_0", _SCIKIT_LEARN, ns_per_flop=0.38),
    _peer("scikit_learn_intelex", _NORMAL, "scikit_learn_intelex:linear_regression", _INTELEX),
    _by_column("intelex_by_column", _NORMAL, "scikit_learn_intelex:linear_regression", _INTELEX),
    _with_ones("statsmodels_pinv", "pseudoinverse", "statsmodels:pinv", _STATSMODELS, ns_per_flop=0.38),
    _with_ones("statsmodels_qr", _QR, "statsmodels:qr", _STATSMODELS, ns_per_flop=0.5, ns_per_sample=1500),
    _polars("polars_ols", _QR, "polars_ols:ols", ns_per_flop=0.48),
    _polars("polars_ols_cholesky", _NORMAL, "polars_ols:ols_cholesky", ns_per_flop=0.3),
    _jax("jax_lstsq", "SVD", "jax:lstsq", ns_per_flop=1.7),
    _jax("jax_normal_equations", _NORMAL, "jax:normal_equations"),
    _torch("torch_lstsq", _QR, "torch:lstsq", ns_per_flop=0.21),
    _torch("torch_normal_equations", _NORMAL, "torch:normal_equations"),
)

GRADIENT = (
    _peer("jax_grad", "gradient", "jax:gradient", _JAX, convert="jax:arrays"),
    _peer("torch_autograd", "gradient", "torch:gradient", _TORCH, convert="torch:tensors"),
)


def _torch_linear(ns_per_sample: float) -> Implementation:
    """Return nn.Linear trained by SGD, whose time is that of its steps, at about 100 us each."""
    return _peer(
        "torch_linear",
        "mini-batch SGD",
        "torch:sgd_epoch",
        _TORCH,
        convert="torch:tensors",
        ns_per_sample=ns_per_sample,
    )


SGD_EPOCH = (
    _torch_linear(10000),
    _peer(
        "scikit_learn_sgd",
        SINGLE_SAMPLES,
        "scikit_learn:sgd_epoch_shuffled",
        _SCIKIT_LEARN,
        convert="scikit_learn:shuffled",
    ),
    _peer(
        "scikit_learn_sgd_in_order",
        SINGLE_SAMPLES,
        "scikit_learn:sgd_epoch_in_order",
        _SCIKIT_LEARN,
        convert="scikit_learn:in_order",
    ),
)
SGD_EPOCH_256 = (_torch_linear(400),)


def _addition(
    name: str,
    target: str,
    packages: tuple[str, ...] = (),
    *,
    convert: str,
    threads: Literal["one", "all"] = "one",
    ns_per_flop: float = 0.0,
) -> Implementation:
    return Implementation(
        name,
        "addition",
        f"lrbench.peers.{target}",
        requires=packages,
        extra="torch" if "torch" in packages else "peers",
        convert=f"lrbench.peers.{convert}",
        threads=threads,
        ns_per_flop=ns_per_flop,
    )


VECTOR_ADDITION = (
    _addition("numexpr", "numexpr:add", ("numexpr",), convert="numexpr:named", threads="all"),
    _addition("torch_item_loop", "torch:add_item_by_item", _TORCH, convert="torch:tensors", ns_per_flop=4500),
    _addition("torch", "torch:add", _TORCH, convert="torch:tensors", threads="all"),
    _addition("torch_out", "torch:add_into", _TORCH, convert="torch:tensors_with_output", threads="all"),
    _addition("jax_jit", "jax:add", _JAX, convert="jax:arrays", threads="all"),
    _addition("c_cffi", "cffi:add_into", ("cffi",), convert="cffi:pointers_with_output"),
    _addition("polars", "polars:add", ("polars",), convert="polars:series"),
    _addition("pyarrow", "pyarrow:add", convert="pyarrow:arrays"),  # lrbench itself needs it
)
