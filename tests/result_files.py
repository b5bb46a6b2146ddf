"""Result files of each kind that is read, as they are and changed."""

import json
from pathlib import Path

from lrbench.results import Measurement, Side

DATA = Path(__file__).parent / "data"
ASV = DATA / "asv" / "results"
ASV_FILE = next(ASV.glob("host/ae4a*.json"))
PYTEST_BENCHMARK = DATA / "pytest_benchmark.json"

LINE = Measurement(
    problem="add",
    size="10",
    threads=1,
    process=0,
    sides=(Side("base", "sum", "base", digits=15.0, number=10, epochs_s=(1e-3, 2e-3), rounds=(0, 1)),),
    environment={"cpu": "one", "load": [0.5]},
    data_checksum="c",
)


def write(path, document):
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def changed(path, **fields):
    return {**json.loads(path.read_text()), **fields}
