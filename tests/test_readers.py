import copy
import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from languages_documents import DOCUMENT

from lrbench.comparisons import make_report
from lrbench.readers import read
from lrbench.report import csv, html, markdown, terminal
from lrbench.report import json as json_report
from lrbench.results import BadRecord, Measurement, Side, append

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


@pytest.fixture
def folder(tmp_path):
    append(tmp_path / "measurements.jsonl", LINE)
    return tmp_path


def test_a_folder_of_lrbench_and_its_file_are_the_same(folder):
    assert read([folder]) == read([folder / "measurements.jsonl"]) == ([LINE], [])


def test_a_path_given_twice_is_read_once(folder):
    assert read([folder, folder / "measurements.jsonl", f"{folder}/./"]) == ([LINE], [])


def test_a_line_that_was_cut_is_left_out_with_a_remark(folder):
    path = folder / "measurements.jsonl"
    path.write_text(path.read_text() + '{"format": "lrbench-meas')
    measurements, remarks = read([path])
    assert measurements == [LINE]
    assert remarks == [f"{path}: line 2 was cut while it was written; it is left out."]


def test_pytest_benchmark_is_read_by_extra_info():
    (named, plain), remarks = read([PYTEST_BENCHMARK])
    assert remarks == []
    assert (named.problem, named.size, named.threads, named.source) == ("vector_addition", "10", 0, "pytest-benchmark")
    assert not named.paired
    assert [(s.implementation, s.algorithm, s.digits, s.number) for s in named.sides] == [
        ("numpy_vectorized", "loop", 16.0, 10),
        ("numpy_out", "loop", 16.0, 10),
    ]
    data = json.loads(PYTEST_BENCHMARK.read_text())["benchmarks"][0]["stats"]["data"]
    assert named.sides[0].times_s == pytest.approx(data)
    assert named.environment == {
        "machine": "host",
        "system": "Linux",
        "cpu": "AMD EPYC",
        "python": "CPython 3.11.7",
        "commit": "bf3da65d0f7d0f9a3f4f6f1ad0d65f2a3a9d7c11",
    }
    assert (plain.problem, plain.size, plain.sides[0].implementation) == ("pytest-benchmark", "", "test_plain")


def test_pytest_benchmark_without_data_gives_its_median(tmp_path):
    document = json.loads(PYTEST_BENCHMARK.read_text())
    for benchmark in document["benchmarks"]:
        del benchmark["stats"]["data"]
    path = write(tmp_path / "x.json", document)
    (named, _), _ = read([path])
    assert named.sides[0].times_s == pytest.approx((document["benchmarks"][0]["stats"]["median"],))


def test_tests_of_one_name_are_told_apart(tmp_path):
    document = json.loads(PYTEST_BENCHMARK.read_text())
    document["benchmarks"] = [document["benchmarks"][0]] * 3
    ((named,), _) = read([write(tmp_path / "x.json", document)])
    assert [s.implementation for s in named.sides] == [
        "numpy_vectorized",
        "test_x.py::test_speed[vector_addition/10/numpy_vectorized]",
        "numpy_vectorized (2)",
    ]


@pytest.mark.parametrize("path", [ASV, ASV.parent, ASV / "host"])
def test_asv_commits_come_in_the_order_of_their_dates_and_stay_apart(path):
    measurements, remarks = read([path])
    assert remarks == ["asv records the peak memory of a whole process, not that of a call alone."]
    places = [(m.environment["commit"][:4], m.problem, m.size) for m in measurements]
    assert places == [
        (commit, *place)
        for commit in ("ffff", "ae4a")
        for place in (
            ("cases.Plain.time_nothing", ""),
            ("vector_addition", "10"),
            ("vector_addition", "100"),
        )
    ]
    report = make_report(measurements)
    assert [table.conditions for table in report.tables[:4:3]] == ["commit ffffcda8aa", "commit ae4acda8aa"]


def test_asv_time_digits_and_memory_of_a_case_are_merged():
    measurements, _ = read([ASV_FILE])
    found = {side.implementation: side for side in measurements[1].sides}
    timed = found["numpy_vectorized"]
    assert timed.times_s == pytest.approx((1.2881800012110034e-05, 1.2522399993031286e-05, 1.2510300075518899e-05))
    assert (timed.number, timed.digits, timed.peak_memory_bytes) == (10, 15.5, 35737600.0)
    assert (found["gone"].status, found["gone"].reason) == ("skipped", "skipped by the benchmark")
    assert (found["broken"].status, found["broken"].reason) == ("failed", "asv recorded no result")
    assert (measurements[1].threads, measurements[1].version, measurements[1].paired) == (1, "1", False)


def test_asv_without_samples_gives_its_result():
    measurements, _ = read([next(ASV.glob("host/ffff*.json"))])
    assert measurements[2].sides[0].times_s == pytest.approx((1.233619982485834e-05,))


def test_a_benchmark_that_failed_whole_is_failed_for_every_parameter(tmp_path):
    document = json.loads(ASV_FILE.read_text())
    document["results"] = {"cases.A.time_call": [None, [["'p/1/a'", '"p/1/b"', "3"]]]}
    measurements, _ = read([write(tmp_path / "x.json", document)])
    assert [(m.problem, [(s.implementation, s.status) for s in m.sides]) for m in measurements] == [
        ("p", [("a", "failed"), ("b", "failed")]),
        ("cases.A.time_call", [("3", "failed")]),
    ]


def test_the_memory_of_a_process_that_does_nothing_is_subtracted(tmp_path):
    params = [["'p/1/a'"]]
    results = {
        "m.M.peakmem_call": [[50.0], params],
        "m.M.peakmem_nothing": [[20.0], params],
        "m.A.time_call": [[1.0], params],
    }
    (found,), remarks = read([write(tmp_path / "x.json", changed(ASV_FILE, results=results))])
    assert (found.sides[0].peak_memory_bytes, remarks) == (30.0, [])


def write(path, document):
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def changed(path, **fields):
    return {**json.loads(path.read_text()), **fields}


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
        "results['a.time_x']: result[0] is 'fast', which is no number from 0 to 1e+15",
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
    "pytest-benchmark with huge digits": (
        changed(PYTEST_BENCHMARK, benchmarks=[{"extra_info": {"digits": 10**400}}]),
        "benchmarks[0]: extra_info 'digits' is 1000",
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


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(BadRecord, match=r"absent.json: cannot be read \(No such file or directory\)"):
        read([tmp_path / "absent.json"])
    with pytest.raises(BadRecord, match=r"has neither measurements\.jsonl nor results of asv"):
        read([tmp_path])


@pytest.mark.parametrize("field", ["number", "first_call_s", "epochs_s"])
def test_impossible_numbers_in_our_own_lines_are_refused(folder, field):
    line = json.loads((folder / "measurements.jsonl").read_text())
    line["sides"][0][field] = [10**300, 1] if field == "epochs_s" else 10**300
    (folder / "measurements.jsonl").write_text(json.dumps(line) + "\n")
    with pytest.raises(BadRecord, match=f"line 1: field '{field}' .* no (possible value|number)"):
        read([folder])


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 10**400, 2**63, 1e308, float("nan"), float("inf"), "", "'", "'''", "\ud800", "\x1b[2J"]),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from([[], {}, [[]], [None], {"a": []}]),
)


def nodes(document, path=()):
    """Yield the path to every value in a document."""
    yield path
    children = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in children:
        yield from nodes(value, (*path, key))


@st.composite
def mutated(draw, original):
    """Draw the text of a damaged file: values replaced or removed, or bytes changed."""
    document = copy.deepcopy(original)
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(list(nodes(document))[1:] or [()]))
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


def test_a_damaged_file_among_asv_results_is_named(tmp_path):
    shutil.copytree(ASV, tmp_path / "results")
    (tmp_path / "results" / "host" / "x.json").write_text("{}")
    with pytest.raises(BadRecord, match=r"x\.json: neither"):
        read([tmp_path])
