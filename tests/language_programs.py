"""Programs that the tests of other languages run: a right one, and whatever is made of it."""

import sys

from lrbench.languages import runner
from lrbench.languages.programs import Method, Program

LOOP = Method("loop", "loop", "loop", "given", 1.0)
# What the protocol asks for, in as few lines as it takes: the broken programs are this one with a line changed.
RIGHT = """
import json, sys
n, repetitions, seed = map(int, sys.argv[1:4])
total = 0.0
for i in range(n):
    u = (31337 * i + seed) % 65521
    s = u * u % 65521
    total += (1 + i % 7) * ((2 * s + 1) / 65536 + (2 * (s * u % 65521) + 1) / 32768)
line = {"method": sys.argv[4], "label": "by hand", "n": n, "dtype": "float64", "seconds_per_call": [1e-6] * repetitions,
        "calls_per_sample": 1000, "checksum": total, "language": "Broken", "version": "1", "flags": "", "note": ""}
"""


def program(tmp_path, text, *, methods=(LOOP,)):
    source = tmp_path / "program.py"
    source.write_text(text, encoding="utf-8")
    return Program("broken", "Broken", str(source), methods, lambda path: (sys.executable, str(path)))


def measure(*programs, sizes=(10,), ceilings=(), monkeypatch=None, **options):
    if monkeypatch:
        monkeypatch.setattr(runner, "find_ceilings", lambda *_, **__: ceilings)
    return runner.measure(programs, sizes, advance=lambda *_: None, **{"rounds": 1, **options})[0]
