"""The structure that the README draws: which way imports point, and what importing the package loads."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "lrbench"
NAMES = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
# What each part of lrbench may import of the other parts. `cli` may import everything.
ALLOWED = {
    "regression": set(),
    "out_of_core": {"regression"},
    "vector_addition": set(),
    "empty_call": set(),
    "peers": set(),
    "registry": set(),
    "intervals": set(),
    "cache": set(),
    "tables": set(),
    "stored": {"cache"},
    "problems": {"registry", "stored"},
    "gate": {"registry", "problems", "cache", "stored"},
    "documents": set(),
    "results": {"documents"},
    "conditions": {"results"},
    "measure": {"registry", "problems", "gate", "results", "intervals", "cache"},
    "languages": {"registry", "problems", "regression", "measure", "results", "intervals", "cache"},
    "accuracy": {"documents", "registry", "problems", "gate", "measure"},
    "experiments": {
        "regression",
        "vector_addition",
        "registry",
        "problems",
        "gate",
        "measure",
        "intervals",
        "results",
        "accuracy",
    },
    "readers": {"documents", "results"},
    "comparisons": {"results", "intervals", "conditions"},
    "regressions": {"results", "intervals", "conditions", "comparisons"},
    "advice": {"results", "comparisons"},
    "report": {"results", "comparisons"},
}
STANDARD_LIBRARY_ONLY = {"documents", "results", "cache"}


def part_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide which way they point"
            if node.module == "lrbench":
                yield from (f"lrbench.{alias.name}" for alias in node.names)
            else:
                yield node.module


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_point_the_way_that_the_layout_says(path):
    part = part_of(path)
    if part in ("cli", "__init__", "__main__"):
        return
    modules = list(imported(path))
    own = {name.split(".")[1] for name in modules if name.startswith("lrbench.")} & NAMES
    assert own - {part} <= ALLOWED[part]
    if part in STANDARD_LIBRARY_ONLY:
        assert {name.split(".")[0] for name in modules} - {"lrbench"} <= sys.stdlib_module_names


def test_the_table_of_imports_has_no_idle_rows():
    assert set(ALLOWED) == NAMES - {"cli", "__init__", "__main__"}


@pytest.mark.parametrize("module", ["lrbench"] + [f"lrbench.{n}" for n in ("registry", "gate", "problems", "report")])
def test_importing_loads_no_backend_and_no_implementation(module):
    code = f"import sys, {module}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert module in loaded
    heavy = {"numba", "scipy", "sklearn", "torch", "plotly", "pyarrow", "jinja2", "rich", "dask", "distributed", "zarr"}
    assert not loaded & heavy
    assert not [name for name in loaded if name.startswith(("lrbench.regression.", "lrbench.vector_addition."))]
    assert not [name for name in loaded if name.startswith("lrbench.peers.")]


@pytest.mark.parametrize("module", ["lrbench", "lrbench.cli"])
def test_the_front_door_loads_not_even_numpy(module):
    code = f"import sys, {module}; print('numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
