"""What runs and builds programs: found on PATH; compiled code is kept until source, compiler or processor change."""

import functools
import hashlib
import platform
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lrbench import cache
from lrbench.languages.processes import run
from lrbench.languages.programs import BuildFailed, Missing

_BUILD_LIMIT_S = 120.0
_VERSION_LIMIT_S = 20.0


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Runs a source as it is."""

    names: tuple[str, ...]  # the first that is on PATH
    advice: str  # where none is: how to get one
    arguments: tuple[str, ...] = ()  # before the source

    def __call__(self, source: Path) -> tuple[str, ...]:
        """Return the command that runs a source; Missing if nothing can."""
        return (_on_path(self.names, self.advice), *self.arguments, str(source))


@dataclass(frozen=True, slots=True)
class Compiler:
    """Builds a source once; in its arguments stand {source}, {target} (a file to make), {folder} (where), {version}."""

    names: tuple[str, ...]  # the first that is on PATH
    advice: str  # where none is: how to get one
    arguments: tuple[str, ...]
    version: str = "--version"  # the argument that asks for it
    start: tuple[str, ...] = ("{target}",)  # the command that runs what was built
    variables: Mapping[str, str] = field(default_factory=dict)  # of the environment, while it builds

    def __call__(self, source: Path) -> tuple[str, ...]:
        """Return the command that runs what a source was built to; Missing, or BuildFailed."""
        tool = _on_path(self.names, self.advice)
        starter = () if self.start[0] == "{target}" else (_on_path(self.start[:1], self.advice),)
        version = _version(tool, self.version, self.advice)
        folder = cache.folder("languages", sources="vector_addition/languages/*")
        key = "\0".join((tool, version, *self.arguments, *self.variables.values(), _processor()))
        built = folder / hashlib.sha256(key.encode() + source.read_bytes()).hexdigest()[:16]
        if not built.is_dir():
            self._build(tool, version, source, built)
        return (*starter, *self._filled(self.start[len(starter) :], source, version, built))

    def _build(self, tool: str, version: str, source: Path, built: Path) -> None:
        """Build beside the place and move it there: another process finds a whole folder or none."""
        with tempfile.TemporaryDirectory(dir=built.parent) as name:
            folder = Path(name, "built")
            folder.mkdir()
            command = [tool, *self._filled(self.arguments, source, version, folder)]
            values = self._filled(self.variables.values(), source, version, folder)
            variables = dict(zip(self.variables, values, strict=True))
            ended = run(command, limit_s=_BUILD_LIMIT_S, folder=folder, variables=variables)
            if ended.failure:
                told = next((line for line in ended.errors.splitlines() if "error" in line), "")
                message = f"{Path(tool).name} does not build it: {told or ended.failure:.300}"
                raise BuildFailed(message)
            try:
                folder.rename(built)
            except OSError:
                if not built.is_dir():  # nobody else was faster
                    raise

    @staticmethod
    def _filled(arguments: Iterable[str], source: Path, version: str, folder: Path) -> tuple[str, ...]:
        places = {"source": str(source), "target": str(folder / "add"), "folder": str(folder), "version": version}
        return tuple(argument.format_map(places) for argument in arguments)


def _on_path(names: Sequence[str], advice: str) -> str:
    """Return the first program of some names that is on PATH; Missing if none is."""
    for name in names:
        if found := shutil.which(name):
            return found
    message = f"no {' or '.join(names)} on PATH. {advice}"
    raise Missing(message)


@functools.cache
def _version(tool: str, argument: str, advice: str) -> str:
    """Return the first line in which a compiler names its version; Missing if it does not work."""
    ended = run([tool, argument], limit_s=_VERSION_LIMIT_S, folder=Path(tempfile.gettempdir()))
    lines = ended.output.decode("utf-8", "replace").splitlines()
    if ended.failure or not lines:
        message = f"{tool} does not work ({ended.failure or 'it prints no version'}). {advice}"
        raise Missing(message)
    return lines[0].strip()


@functools.cache
def _processor() -> str:
    """Return what code for this very processor depends on: its instructions, where the system tells them."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    told = [line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part"))]
    return "\n".join(sorted(set(told))) or f"{platform.machine()} {platform.processor()}"
