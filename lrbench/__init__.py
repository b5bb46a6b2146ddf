"""lrbench: vectorization and linear-regression solvers, checked, timed side by side, and reported."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lrbench.out_of_core.blocks import BadBlock, BadSource
    from lrbench.out_of_core.fitting import fit
    from lrbench.regression.dependence import Unsolvable
    from lrbench.regression.fitting import Fit

__version__ = "0.1.0"
__all__ = ["BadBlock", "BadSource", "Fit", "Unsolvable", "fit"]
_MODULES = {
    "BadBlock": "out_of_core.blocks",
    "BadSource": "out_of_core.blocks",
    "Fit": "regression.fitting",
    "Unsolvable": "regression.dependence",
    "fit": "out_of_core.fitting",
}


def __getattr__(name: str) -> Any:
    """Return a public name, loading the solvers and their compiler only when one is asked for."""
    if name in _MODULES:
        from importlib import import_module

        return getattr(import_module(f"lrbench.{_MODULES[name]}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
