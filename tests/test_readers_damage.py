"""Damaged result files of every kind: read, or refused with the file and the place."""

import copy
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from languages_documents import DOCUMENT
from mutations import places
from result_files import ASV_FILE, LINE, PYTEST_BENCHMARK, changed, write

from lrbench.comparisons import make_report
from lrbench.readers import read
from lrbench.report import csv, html, markdown, terminal
from lrbench.report import json as json_report
from lrbench.results import BadRecord, append

BAD = {
    "nothing": ("", "not JSON"),
    "no JSON": ("{", "not JSON"),
    "deep": ("[" * 100_000, "nested too deeply"),
    "long number": ("1" * 5000, "not JSON"),
    "another document": ('{"a": 1}', "neither a result file of asv nor the JSON of pytest-benchmark or of"),
    "asv of another format": (changed(ASV_FILE, version=3), "format 3 of asv's results"),
    "asv without results": (changed(ASV_FILE, results=[]), "field 'results' is a list of 0, which is no dict"),
    "asv with too few results": (
        changed(ASV_FILE, results={"a.time_x": [[1.0], [["1", "2"]]]}),
        "results['a.time_x']: 1 results stand for 2 combinations of parameters",
    ),
    "asv with a text for a time": (
        changed(ASV_FILE, results={"a.time_x": [["fast"], []]}),
        "results['a.time_x']: result[0] is 'fast', which is no number from 1e-18 to 1e+18, or 0",
    ),
    "asv with endless parameters": (
        changed(ASV_FILE, results={"a.time_x": [None, [list("0123456789")] * 9]}),
        "more than 100000 combinations of parameters",
    ),
    "pytest-benchmark without a list": (changed(PYTEST_BENCHMARK, benchmarks=3), "'benchmarks' is 3, which is no list"),
    "pytest-benchmark with a negative time": (
        changed(PYTEST_BENCHMARK, benchmarks=[{"stats": {"data": [-1.0]}}]),
        "benchmarks[0]: stats 'data'[0] is -1.0, which is no number",
    ),
    "asv with a list for a time": (
        changed(ASV_FILE, results={"a.time_x": [[[1.0]], []]}),
        "results['a.time_x']: result[0] is a list of 1, which is no number from 1e-18 to 1e+18, or 0",
    ),
}


@pytest.mark.parametrize(("document", "message"), BAD.values(), ids=BAD)
def test_damage_is_named_with_its_file_and_place(tmp_path, document, message):
    path = write(tmp_path / "x.json", document)
    with pytest.raises(BadRecord) as caught:
        read([path])
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert len(str(caught.value)) < len(str(path)) + 300


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 10**400, 2**63, 1e308, float("nan"), float("inf"), "", "'", "'''", "\ud800", "\x1b[2J"]),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from([[], {}, [[]], [None], {"a": []}]),
)


@st.composite
def mutated(draw, original):
    """Draw the text of a damaged file: values replaced or removed, or bytes changed."""
    document = copy.deepcopy(original)
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(list(places(document))[1:] or [()]))
        if not path:
            return json.dumps(draw(JUNK))
        parent = document
        for key in path[:-1]:
            parent = parent[key]
        if draw(st.booleans()):
            parent[path[-1]] = copy.deepcopy(draw(JUNK))
        else:
            del parent[path[-1]]
    text = json.dumps(document)
    if draw(st.integers(0, 4)) == 0:
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.text(max_size=3)) + text[at + draw(st.integers(0, 20)) :]
    return text


def survives(path):
    """Read a file and make every report of it, or be told what is wrong with it and where."""
    try:
        measurements, remarks = read([path])
    except BadRecord as error:
        if not str(error).startswith(str(path)):
            pytest.fail(f"the message does not name the file: {error}")
        return
    report = make_report(measurements, remarks)
    for renderer in (csv, html, json_report, markdown, terminal):
        renderer.render(report).encode("utf-8", "backslashreplace")


ORIGINALS = {
    "x.json": json.loads(PYTEST_BENCHMARK.read_text()),
    "asv.json": json.loads(ASV_FILE.read_text()),
    "languages.json": json.loads(json.dumps(DOCUMENT)),
    "x.jsonl": None,
}


@pytest.mark.parametrize("name", ORIGINALS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_damaged_files_are_refused_or_read(name, data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        original = ORIGINALS[name]
        if original is None:
            append(path, LINE)
            original = json.loads(path.read_text())
        text = data.draw(mutated(original)) + "\n"
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        survives(path)
