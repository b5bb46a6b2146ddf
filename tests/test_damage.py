"""Damaged files are read or refused, within bounds of time and memory: a few of those that damage.py makes."""

import resource
from pathlib import Path

import damage
import pytest

from lrbench import documents
from lrbench.readers import read
from lrbench.results import BadRecord


@pytest.mark.parametrize("seed", range(3))
def test_damaged_files_are_refused_or_read(seed):
    counts, failures, longest, _ = damage.try_many(10_000 + seed, 60)
    assert not failures, failures[0]
    assert counts.total() == 60
    assert {what for _, what in counts} == {"read", "refused"}
    assert longest < damage.SECONDS


BOMBS = {  # a part, and how often it comes before the end
    "brackets": (b"[", b"[],", 30_000_000, b"[]]"),
    "numbers": (b"[", b"1,", 60_000_000, b"1]"),
    "two keys": (b"{", b'"a": 1, ', 2, b'"b": 2}'),
    "deep": (b"", b"[", 60, b"]" * 60),
    "deeper": (b"", b"[", 10**7, b""),
    "no text": (b"", bytes(range(256)), 10, b""),
}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("brackets", "too large: its values would take about"),
        ("numbers", "too large"),
        ("two keys", "an object has the key 'a' twice"),
        ("deep", "nested too deeply: more than 50 levels"),
        ("deeper", "too large|nested too deeply"),
        ("no text", "not JSON"),
    ],
)
@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_bombs_are_refused_before_they_are_parsed(tmp_path, name, message, ending):
    path = tmp_path / f"x.{ending}"
    head, part, count, tail = BOMBS[name]
    path.write_bytes(head + part * count + tail + b"\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadRecord, match=message) as refusal:
        read([path])
    assert str(refusal.value).startswith(str(path))
    assert len(str(refusal.value)) < len(str(path)) + 400
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_000_000  # kB


def test_depth_is_counted_by_levels():
    assert documents.parse("[" * 50 + "]" * 50)
    with pytest.raises(documents.BadDocument, match="too deeply"):
        documents.parse("[" * 52 + "]" * 52)


def test_an_endless_file_is_refused():
    with pytest.raises(documents.BadDocument, match=r"not JSON|too large"):
        documents.parse(documents.read(Path("/dev/zero")))


@pytest.mark.parametrize(
    ("text", "message"),
    [("[NaN]", "NaN is no JSON value"), ("[-Infinity]", "-Infinity is no"), ("[-1e999]", "-1e999 is larger than any")],
)
def test_what_strict_json_cannot_hold_again_is_refused(text, message):
    with pytest.raises(documents.BadDocument, match=message):
        documents.parse(text, finite=True)
    assert documents.parse(text)
    assert documents.parse("[1.5e308, -2]", finite=True) == [1.5e308, -2]
