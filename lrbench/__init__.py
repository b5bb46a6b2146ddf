"""lrbench: vectorization and linear-regression solvers, checked, timed side by side, and reported."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lrbench.regression.dependence import Unsolvable
    from lrbench.regression.fitting import Fit, fit

__version__ = "0.1.0"
__all__ = ["Fit", "Unsolvable", "fit"]


def __getattr__(name: str) -> Any:
    """Return a public name, loading the solvers and their compiler only when one is asked for."""
    if name in __all__:
        from lrbench.regression import fitting

        return getattr(fitting, name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
