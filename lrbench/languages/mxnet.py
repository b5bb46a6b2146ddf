"""MXNet, whose last release wants an older NumPy: an environment of its own, made when it is asked for.

MXNet 1.9.1 of 2022 fails with NumPy 1.24 and later, which have no numpy.bool, and under Python 3.12 and later.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from lrbench import cache
from lrbench.languages.processes import run
from lrbench.languages.programs import Missing

REQUIREMENTS = ("mxnet==1.9.1", "numpy==1.23.5")
PYTHON = (3, 11)
_NAME = "python" + ".".join(map(str, PYTHON))
_LIMIT_S = 600.0  # the wheel has 50 MB
_ADVICE = "Make an environment for it, which takes a minute, with: lrbench languages --only mxnet"


def prepare(source: Path) -> tuple[str, ...]:
    """Return the command that runs a source in MXNet's environment; Missing while there is none."""
    python = _python(_environment())
    if not python.is_file():
        message = f"MXNet is not installed. {_ADVICE}"
        raise Missing(message)
    return (str(python), str(source))


def install() -> None:
    """Make the environment, unless it is there; Missing, with the reason, where it cannot be made.

    It is made beside its place and moved there when MXNet can be imported: nobody finds half of one.
    """
    environment = _environment()
    if _python(environment).is_file():
        return
    with tempfile.TemporaryDirectory(dir=environment.parent) as name:
        made = Path(name, "environment")
        _run([interpreter(), "-m", "venv", str(made)], f"On Debian: apt install {_NAME}-venv")
        python = str(_python(made))
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIREMENTS]
        _run(pip, "Is the package index reached? pip's own settings apply.")
        _run([python, "-c", "import mxnet"], "Its wheel does not fit this machine.")
        try:
            made.rename(environment)
        except OSError:
            if not _python(environment).is_file():  # nobody else was faster
                raise


def interpreter() -> str:
    """Return a Python that MXNet works with; Missing if there is none."""
    if sys.version_info[:2] == PYTHON:
        return sys.executable
    if found := shutil.which(_NAME):
        return found
    message = f"MXNet works up to Python {PYTHON[0]}.{PYTHON[1]}, and no {_NAME} is on PATH. Install one."
    raise Missing(message)


def _environment() -> Path:
    """Return where the environment is, or is to be."""
    return cache.folder("mxnet", sources="languages/mxnet.py") / "environment"


def _python(environment: Path) -> Path:
    return environment / "bin" / "python"


def _run(command: list[str], advice: str) -> None:
    """Run one step in an empty folder; Missing if it fails."""
    with tempfile.TemporaryDirectory() as folder:
        ended = run(command, limit_s=_LIMIT_S, folder=Path(folder))
    if ended.failure:
        message = f"MXNet cannot be installed: {' '.join(command[1:])}: {ended.failure}. {advice}"
        raise Missing(message)
