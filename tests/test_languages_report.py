"""What is shown of a document on languages: exact texts from literal times, figures, the page, the joined report."""

import io
import json
import re

import pytest
from languages_documents import CEILINGS, DOCUMENT, ENVIRONMENT, ROWS, along, refused, row
from rich.console import Console

from lrbench.comparisons import make_report
from lrbench.languages.document import dumps, make_document
from lrbench.readers import read
from lrbench.report import html, languages, languages_page, marks
from lrbench.report.languages_figures import pictures
from lrbench.report.languages_lookup import bandwidth
from lrbench.report.languages_summary import points
from lrbench.report.languages_tables import grids, notes
from lrbench.results import BadRecord

POINTS = {
    "How much did vectorising buy?": (
        "NumPy's a + b adds 10 000 numbers in 2.90 us; a loop over its items takes 1.50 ms, 517 times as long; a "
        "loop over lists takes 400 us, 138 times as long. In other languages and packages the factor is 22200 "
        "(MXNet)."
    ),
    "From how many elements on?": (
        "A call of NumPy's a + b costs 400 ns before the first element, and a loop over lists 40.0 ns for each "
        "element. So from n = 7.5 on NumPy is quicker (95 % interval 7.5 to 7.5); for fewer numbers a plain loop "
        "over a list is."
    ),
    "What limits it at 10 000 000?": (
        "Each element moves 24 bytes: two numbers read, one written. The most that additions by one thread were "
        "seen to reach here at this size is 37.5 GB/s. NumPy, given its output, reaches 27.3 GB/s: so memory is "
        "the limit, not arithmetic, and no faster language helps. A new output costs 1.36 times as much: its "
        "pages of memory are fresh each time."
    ),
    "And where loops are compiled?": (
        "There the loop is the vector code. In C an element takes 1.60 ns without optimisation and 0.200 ns with "
        "-O3, from the same loop."
    ),
    "What would the documents' own program print?": (
        "For 10 000 numbers in MXNet, 1.90 s for the loop and 30.0 us for a + b: a factor of 63300. But MXNet "
        "puts the addition into a queue and returns before it is done. Waited for, that one call takes 100 us, "
        "and the factor is 19000; repeated calls, each waited for, take 90.0 us."
    ),
}
PAIRS = [
    "| Python | list, index loop | NumPy, a + b | 40.0 | 0.290 | 138 | 41.7 | 7.5 [7.5, 7.5] |",
    "| Python | NumPy, item by item | NumPy, a + b | 150 | 0.290 | 517 | 133 | 1 |",
    "| Python | MXNet, item by item, waited for | MXNet, a + b, waited for | 200000 | 9.00 | 22200 | — | — |",
    "| C | loop, -O0 | loop, -O3 | 1.60 | 0.200 | 8.00 | 2.14 | 1 |",
    "| Perl | loop | none | 50.0 | — | — | — | — |",
]
NEW = "output allocated in each call"
LINES = [
    *PAIRS,
    "| Python | NumPy, a + b, the documents' protocol | 12.0 us | 2.90 us | 4.14 | output allocated in each call |",
    f"| Python | MXNet, a + b, the documents' protocol (2 threads, float32) | 30.0 us | 90.0 us | 0.333 | {NEW} |",
    "| Python | NumPy, out= | 200 ns [200 ns, 200 ns] | 0.200 ns [0.200 ns, 0.200 ns] | 0.880 | 0.73 |",
    "| Python | NumPy, out= | 20.2 | 2.20 | 0.400 | 0.220 | 0.880 | 0.880 | 1.0; output given |",
    "| C | loop, -O0 | 1.60 | 1.60 | 1.60 | 1.60 | 1.80 | 1.80 | 1.0; -O0; output allocated in each call |",
    "| Tcl | loop | failed |  |  |  |  |  |  |",
    "- Tcl: loop at 10: failed: wrong answer: checksum 1.5, where 2.5 is right",
    "- Julia: loop: skipped: no julia on PATH",
]


def document(rows, ceilings=CEILINGS, environment=ENVIRONMENT):
    return make_document(environment, ceilings, rows)


def test_a_learner_is_told_what_it_bought_from_where_on_and_what_limits_it():
    assert {point.question: point.answer for point in points(DOCUMENT)} == POINTS


def test_what_was_not_measured_is_not_talked_about():
    without = {
        "How much did vectorising buy?": [r for r in ROWS if r.kind != "loop"],
        "From how many elements on?": [r for r in ROWS if r.program != "lists"],
        "What limits it at 10 000 000?": [r for r in ROWS if r.output != "given"],
        "And where loops are compiled?": [r for r in ROWS if r.language != "C"],
        "What would the documents' own program print?": [r for r in ROWS if r.kind != "protocol"],
    }
    for question, rows in without.items():
        assert question not in {point.question for point in points(document(rows))}
    assert "What limits it at 10 000 000?" not in {point.question for point in points(document(ROWS, ceilings=[]))}
    assert points(document([])) == []


def test_where_a_loop_costs_as_much_to_call_vectors_are_quicker_from_the_start():
    slow = [r for r in ROWS if r.program != "lists"]
    slow += along("Python", "list, index loop", 9e-7, 4e-8, 5e-8, program="lists", kind="loop")
    (point,) = (point for point in points(document(slow)) if point.question == "From how many elements on?")
    assert point.answer.endswith(
        "By this run NumPy is quicker from the first element on: a call of the loop costs no less than its own."
    )


def test_far_below_the_ceiling_memory_is_not_called_the_limit():
    slow = [{**ceiling, "high": 10.0 * ceiling["high"]} for ceiling in CEILINGS]
    (limit,) = (point for point in points(document(ROWS, slow)) if point.question.startswith("What limits"))
    assert "less than half of that" in limit.answer
    assert "memory is the limit" not in limit.answer


def test_the_markdown_has_the_literal_lines():
    text = languages.markdown(DOCUMENT)
    for question, answer in POINTS.items():
        assert f"**{question}** {answer}" in text.replace("&#95;", "_")
    lines = text.splitlines()
    assert [line for line in LINES if line not in lines] == []
    places = [lines.index(line) for line in PAIRS]
    assert places == list(range(places[0], places[0] + len(PAIRS)))


def test_the_terminal_shows_the_same_and_obeys_no_markup():
    evil = [row("[red]C[/red]\x1b[2J", "loop", 10, 1e-6, note="[bold]x"), *ROWS]
    evil.append(refused("Go\x1b[2J", "loop", 10, "failed", "its process ended: \x1b]0;title\x07"))
    console = Console(file=io.StringIO(), width=200, color_system=None)
    for part in languages.renderables(document(evil)):
        console.print(part)
    text = console.file.getvalue()
    assert "[red]C[/red]\\x1b[2J" in text
    assert "\x1b" not in text
    assert "Loop over vector, by language" in text


def test_reasons_are_told_once_with_their_places():
    rows = [
        refused("C", "loop", 10, "failed", "boom"),
        refused("C", "loop", 1000, "failed", "boom"),
        refused("C", "whole", 10, "failed", "boom"),
    ]
    assert list(notes(document(rows))) == ["C: loop at 10, 1 000; whole at 10: failed: boom"]


def test_hollow_marks_are_explained_where_they_are_and_only_there():
    for caption, figure in pictures(DOCUMENT):
        assert marks.has_hollow(figure) == ("hollow marks" in caption)
    assert sorted("hollow marks" in caption for caption, _ in pictures(DOCUMENT)) == [False, True, True]


def test_the_picture_has_loops_dashed_vectors_solid_and_the_machines_limits():
    (_, first), (_, packages), (_, others) = pictures(DOCUMENT)
    names = {trace.get("name"): trace for trace in first["data"]}
    assert names["list, index loop"]["line"]["dash"] == "dash"
    assert names["NumPy, a + b"]["line"]["dash"] == "solid"
    assert names["NumPy, a + b"]["x"] == [10, 100, 1_000, 10_000, 1_000_000, 10_000_000]
    assert names["NumPy, a + b"]["y"][0] == pytest.approx(4.025e-8)
    ceiling = names["add ceiling, 1 thread"]
    assert ceiling["x"] == [1_000.0, 10_000.0, 10_000_000.0]
    assert ceiling["y"] == pytest.approx([1.92e-10, 2.4e-10, 6.4e-10])
    upright = {trace["text"][1]: trace["x"][0] for trace in first["data"] if trace["mode"] == "lines+text"}
    assert upright == {
        "L1 32 KiB": pytest.approx(32768 / 24, rel=1e-5),
        "L2 1 MiB": pytest.approx(2**20 / 24, rel=1e-5),
    }
    assert names["C, loop, -O0"]["line"]["color"] == names["C, loop, -O3"]["line"]["color"]
    assert (names["C, loop, -O0"]["line"]["dash"], names["C, loop, -O3"]["line"]["dash"]) == ("dash", "solid")
    assert {trace.get("name") for trace in packages["data"] if trace.get("name")} == {
        "add ceiling, 1 thread",
        "NumPy, a + b",
        "NumPy, out=",
        "MXNet, a + b, waited for (2 threads, flo…",
    }
    assert {trace.get("name") for trace in others["data"] if trace.get("name")} == {
        "add ceiling, 1 thread",
        "C, loop, -O0",
        "C, loop, -O3",
    }


@pytest.mark.parametrize("figure", [figure for _, figure in pictures(DOCUMENT)])
def test_no_two_lines_of_a_figure_look_alike(figure):
    lines = [trace for trace in figure["data"] if "marker" in trace]
    looks = {(line["line"]["color"], line["line"]["dash"], line["marker"]["symbol"]) for line in lines}
    assert len(looks) == len(lines) > 1


def test_without_times_there_is_no_picture_and_the_page_says_why():
    page = languages_page.render(document([refused("Julia", "loop", 10, "skipped", "no julia on PATH")], []))
    assert 'data-figure="' not in page
    assert "Julia: loop: skipped: no julia on PATH" in page


def test_the_page_is_whole_and_runs_nothing_from_its_data():
    evil = "</script><script>alert(1)</script>"
    rows = [row(evil, evil, n, 1e-6, version=evil, flags=evil, note=evil, kind="loop") for n in (10, 100, 1_000)]
    rows.append(refused(evil, evil, 10, "failed", evil))
    page = languages_page.render(document([*rows, *ROWS], environment={**ENVIRONMENT, "cpu": evil}))
    assert "<script>alert" not in page
    without_plotly = re.sub(r'(?<=id="plotly">)[^<]{100000,}(?=</script>)', "", page)
    assert not re.findall(r"(?:src|href)=[\"']?(?!#)", without_plotly)
    assert len(json.loads(re.search(r'id="figures">(.*?)</script>', page)[1])) == 3


def test_an_element_of_float32_moves_half_the_bytes():
    assert bandwidth({"dtype": "float64", "size": 1_000, "median_s": 1e-6}) == 24e9
    assert bandwidth({"dtype": "float32", "size": 1_000, "median_s": 1e-6}) == 12e9


def test_every_table_has_as_many_cells_as_columns():
    for grid in grids(DOCUMENT):
        for line in grid.lines:
            assert (len(line.names), len(line.cells)) == (len(grid.names), len(grid.columns))


# Joined with other results


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "languages.json"
    path.write_text(dumps(DOCUMENT), encoding="utf-8")
    return path


def test_a_document_is_read_as_unpaired_measurements(written):
    measurements, remarks = read([written])
    assert remarks == []
    first = measurements[0]
    assert (first.problem, first.size, first.threads, first.process) == ("vector_addition", "10", 1, 0)
    assert (first.source, first.paired, first.environment) == ("lrbench languages", False, DOCUMENT["environment"])
    assert [(c.kind, c.value) for c in first.ceilings] == [("read", 2.5e11), ("add", 1.25e11)]
    sides = {side.implementation: side for side in first.sides}
    assert sides["C: loop, -O3"].times_s == pytest.approx((2e-9, 2e-9))
    assert (sides["C: loop, -O3"].number, sides["C: loop, -O3"].reason) == (
        4,
        "1.0; -O3; output allocated in each call",
    )
    assert (sides["Tcl: loop"].status, sides["Tcl: loop"].reason) == (
        "failed",
        "wrong answer: checksum 1.5, where 2.5 is right",
    )
    second = measurements[1]
    assert (second.size, second.process, second.sides[0].times_s) == ("10", 1, pytest.approx((5e-7,)))
    assert "Tcl: loop" not in {side.implementation for side in second.sides}


def test_single_calls_and_other_numbers_stand_apart(written):
    measurements, _ = read([written])
    found = {}
    for measurement in measurements:
        found.setdefault((measurement.problem, measurement.threads), set()).update(
            side.implementation for side in measurement.sides
        )
    assert found["vector_addition_once", 1] == {"Python: NumPy, a + b, the documents' protocol"}
    assert found["vector_addition_float32", 2] == {
        "Python: MXNet, item by item, waited for",
        "Python: MXNet, a + b, waited for",
    }
    assert len(found["vector_addition_float32_once", 2]) == 3
    assert {key for key in found if key[0] == "vector_addition"} == {("vector_addition", 1)}


def test_a_folder_gives_its_languages_too_and_the_page_shows_them(written):
    measurements, remarks = read([written.parent])
    page = html.render(make_report(measurements, remarks))
    assert "Python: NumPy, a + b" in page
    assert "lrbench languages does not time implementations side by side" in page


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda d: d.pop("rows"), "field 'rows' is None, which is no list"),
        (lambda d: d.update(environment=[]), "field 'environment' is a list of 0, which is no dict"),
        (lambda d: d["rows"].insert(0, 3), "rows[0] is 3, which is no dict"),
        (lambda d: d["rows"][0].update(status="fine"), "rows[0]: field 'status' is 'fine'; known: ok, wrong answer"),
        (lambda d: d["rows"][0].update(size="ten"), "rows[0]: field 'size' is 'ten', which is no number"),
        (lambda d: d["rows"][0].update(samples_s=[[-1.0]]), "rows[0]: samples_s[0][0] is -1.0, which is no number"),
        (lambda d: d["rows"][0].update(samples_s=None), "rows[0]: field 'samples_s' is None, which is no list"),
        (lambda d: d["ceilings"][0].update(high="much"), "ceilings[0]: field 'high' is 'much', which is no number"),
    ],
)
def test_damage_is_named(written, spoil, message):
    spoilt = json.loads(written.read_text())
    spoil(spoilt)
    written.write_text(json.dumps(spoilt))
    with pytest.raises(BadRecord, match=re.escape(f"{written}: {message}")):
        read([written])
