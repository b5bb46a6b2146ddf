import csv as csv_module
import dataclasses
import io
import json
import re
import stat
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from lrbench.comparisons import Row, make_report
from lrbench.report import UnknownFormat, absent, csv, figures, html, markdown, page, terminal, wording, write_report
from lrbench.report import json as json_report
from lrbench.report.page import embedded
from lrbench.results import Ceiling, Measurement, Side

HOSTILE = "<script>alert('1')</script>|`x`\"&\n\x1b[31m</td>" + "long" * 75


def side(name, time_s, *, algorithm="sum", n_epochs=4, **fields):
    epochs = tuple(time_s for _ in range(n_epochs))
    return Side(name, algorithm, "numpy_vectorized", number=1, epochs_s=epochs, rounds=tuple(range(n_epochs)), **fields)


def refused(name, status, reason):
    return Side(name, "sum", "numpy_vectorized", status=status, reason=reason)


SIDES = (
    side("python_loop", 4e-4, digits=15.24, few_samples=True),
    side("numpy_vectorized", 2e-6, digits=15.95),
    side("numpy_out", 2e-6, digits=15.95),
    side("numba_jit", 1.6e-6, digits=15.0, arithmetic="reassociated", first_call_s=0.25),
    side("fourier", 1e-3, digits=12.0, algorithm="fft"),
    refused("slow", "not run", "about 40 s a call"),
    refused("broken", "wrong answer", "relative error 1.6e+00 is above the tolerance 1e-10"),
    refused("absent", "skipped", "needs torch: pip install 'lrbench[peers]'"),
)


def measurements(*sides, **fields):
    given = {"problem": "vector_addition", "size": "10000", "threads": 1, "title": "c = a + b"}
    return [
        Measurement(**{**given, "process": process, "sides": sides, "environment": {"cpu": "AMD <EPYC>"}, **fields})
        for process in range(6)
    ]


@pytest.fixture(scope="module")
def report():
    return make_report(measurements(*SIDES), remarks=["Load was 2.5: close other programs."])


@pytest.fixture(scope="module")
def hostile():
    sides = side(HOSTILE, 1.0, digits=1.0), refused(f"={HOSTILE}", "failed", HOSTILE)
    fields = {"problem": HOSTILE, "size": HOSTILE, "title": HOSTILE, "environment": {HOSTILE: HOSTILE}}
    return make_report(measurements(*sides, **fields), remarks=[HOSTILE])


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (None, ""), (0.0, "0 s"), (2.5e-10, "0.250 ns"), (1e-9, "1.00 ns"), (12.34e-9, "12.3 ns"),
        (999.4e-9, "999 ns"), (999.6e-9, "1.00 us"), (1.234e-4, "123 us"), (0.0456, "45.6 ms"),
        (1.0, "1.00 s"), (45312.0, "45300 s"), (3e7, "3.00e+07 s"),
    ],
)  # fmt: skip
def test_times_have_three_significant_digits_and_a_unit(seconds, expected):
    assert wording.time_text(seconds) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.01234, "0.0123"), (0.9996, "1.00"), (9.996, "10.0"), (18934.0, "18900"), (1e-5, "1.00e-05"), (-2.5, "-2.50")],
)
def test_numbers_have_three_significant_digits(value, expected):
    assert wording.three_digits(value) == expected


@pytest.mark.parametrize(
    ("size_bytes", "expected"),
    [(None, ""), (0, "0 B"), (999, "999 B"), (999.6, "1 kB"), (24000.0, "24 kB"), (12.34e6, "12.3 MB"), (2e12, "2 TB")],
)
def test_bytes_have_up_to_three_digits_and_a_unit(size_bytes, expected):
    assert wording.bytes_text(size_bytes) == expected


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        (None, ""), (float("inf"), ""), (0.2, "1 call"), (1.4, "about 2 calls"), (9.96, "about 10 calls"),
        (143.0, "about 140 calls"), (1.26e6, "about 1,300,000 calls"),
    ],
)  # fmt: skip
def test_break_even_is_told_in_calls(calls, expected):
    assert wording.calls_text(calls) == expected


def test_text_is_made_safe_to_print():
    assert wording.clean("a\nb\x1b[31m\u202e\ud800é|") == "a b\\x1b[31m\\u202e\\ud800é|"


TERMINAL = """\
vector_addition at 10000, 1 thread

  implementation                             median   speedup over numpy_vectorized   verdict                   digits
 ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
  python_loop                                400 us                         ≈ 1/200   few samples: no verdict     15.2
  numpy_vectorized                          2.00 us                        baseline                               15.9
  numpy_out                                 2.00 us            1.000 [1.000, 1.000]   no difference resolved      15.9
  numba_jit ~                               1.60 us               1.25 [1.25, 1.25]   faster                      15.0
  fourier                                   1.00 ms    0.00200 [0.00200, 0.00200] †   slower                      12.0
  slow               not run: about 40 s a call
  broken             wrong answer: relative error
                     1.6e+00 is above the tolerance
                     1e-10
  absent             skipped: needs torch: pip
                     install 'lrbench[peers]'

Speedups without a mark are within one algorithm: what vectorising or compiling gains.
† another algorithm than its baseline's: not a gain from vectorising alone.
Brackets hold 95 % intervals, corrected for the number of rows in a table.
A speedup after ≈ rests on few samples: no interval, no verdict.
~ floating-point sums may be reassociated.
Note: Load was 2.5: close other programs.
"""


def test_the_terminal_shows_times_speedups_and_what_stands_in_their_place(report):
    assert terminal.render(report, width=120) == TERMINAL


def test_the_terminal_obeys_nothing_that_was_read(hostile):
    text = terminal.render(hostile)
    assert "\x1b" not in text
    assert "".join(text.split()).count("long" * 10) > 1
    assert max(map(len, text.split("\n"))) <= 100


MARKDOWN = """\
## Benchmark report

6 measurements by lrbench

> **Note:** Load was 2.5: close other programs.

### vector_addition at 10000, 1 thread

| implementation | median | IQR | speedup over numpy_vectorized | verdict | digits |
|---|--:|--:|--:|---|--:|
| python_loop | 400 us | 0 s | ≈ 1/200 | few samples: no verdict | 15.2 |
| numpy_vectorized | 2.00 us | 0 s | baseline |  | 15.9 |
| numpy_out | 2.00 us | 0 s | 1.000 [1.000, 1.000] | no difference resolved | 15.9 |
| numba_jit ~ | 1.60 us | 0 s | 1.25 [1.25, 1.25] | faster | 15.0 |
| fourier | 1.00 ms | 0 s | 0.00200 [0.00200, 0.00200] † | slower | 12.0 |
| slow | not run: about 40 s a call |  |  |  |  |
| broken | wrong answer: relative error 1.6e+00 is above the tolerance 1e-10 |  |  |  |  |
| absent | skipped: needs torch: pip install 'lrbench[peers]' |  |  |  |  |

- Speedups without a mark are within one algorithm: what vectorising or compiling gains.
- † another algorithm than its baseline's: not a gain from vectorising alone.
- Brackets hold 95 % intervals, corrected for the number of rows in a table.
- A speedup after ≈ rests on few samples: no interval, no verdict.
- ~ floating-point sums may be reassociated.

<details><summary>First call</summary>

| case | first call |
|---|--:|
| vector_addition at 10000, 1 thread: numba_jit ~ | 250 ms |

</details>

<details><summary>Environment</summary>

- cpu: AMD &#60;EPYC&#62;

</details>
"""


def test_markdown_is_one_table_per_problem_and_size(report):
    assert markdown.render(report) == MARKDOWN


def test_markdown_escapes_what_it_did_not_write(hostile):
    text = markdown.render(hostile)
    assert "<script" not in text
    assert "`" not in text
    rows = [line for line in text.split("\n") if line.startswith("|")]
    assert [line.count("|") for line in rows] == [5, 5, 5, 5]
    assert markdown.escape("a_b __c__ *d* [e](f) ~~g~~ h ~") == (
        "a_b &#95;&#95;c&#95;&#95; &#42;d&#42; [e&#93;(f) &#126;&#126;g&#126;&#126; h ~"
    )


def test_json_is_strict_and_has_every_field(report):
    document = json.loads(json_report.render(report), parse_constant=pytest.fail)
    assert list(document)[:4] == ["environment", "ceilings", "noise_floor", "rows"]
    assert document["tables"] == [{"first": 0, "end": 8, "conditions": "", "flops": None, "size_bytes": None}]
    slow = document["rows"][5]
    assert (slow["status"], slow["reason"], slow["median_s"]) == ("not run", "about 40 s a call", None)
    assert document["rows"][3]["verdict"] == "faster"


def test_json_turns_what_it_cannot_hold_into_null():
    deep = []
    for _ in range(500):
        deep = [deep]
    assert json_report.strict({"a": float("nan"), 1: (float("-inf"), 2.0), "s": {3}}) == {
        "a": None,
        "1": [None, 2.0],
        "s": "{3}",
    }
    assert len(json.dumps(json_report.strict(deep))) < 100


def test_csv_has_a_line_per_row_below_the_fields_names(report):
    lines = list(csv_module.DictReader(io.StringIO(csv.render(report))))
    assert len(lines) == 8
    assert (lines[1]["median_s"], lines[1]["digits"], lines[1]["speedup_low"]) == ("2e-06", "15.95", "")
    assert list(lines[0]) == list(csv.COLUMNS)
    assert list(lines[0])[:27] == [*(field.name for field in dataclasses.fields(Row)), "conditions"]
    assert lines[0]["conditions"] == ""


def test_csv_tells_the_conditions_where_they_differ():
    report = make_report([*measurements(*SIDES), *measurements(*SIDES, seed=3)])
    lines = list(csv_module.DictReader(io.StringIO(csv.render(report))))
    assert [line["conditions"] for line in lines] == [""] * 8 + ["seed 3"] * 8


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1"])
def test_csv_cells_are_no_formulas(name):
    text = csv.render(make_report(measurements(side(name, 1.0))))
    (line,) = csv_module.DictReader(io.StringIO(text, newline=""))
    assert line["implementation"] == f"'{wording.clean(name)}"


class Page(HTMLParser):
    """What a browser would find in a page: elements, attributes, and text by element."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)

    def of(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def without_plotly(text):
    """Return a page without the one script that is not ours."""
    return re.sub(r'(?<=id="plotly">)[^<]{100000,}(?=</script>)', "", text)


def test_the_page_is_one_small_file_that_may_not_ask_for_anything(report):
    text = html.render(report)
    assert len(text.encode()) < 2_500_000
    page = Page(without_plotly(text))
    (policy,) = [meta["content"] for meta in page.of("meta") if "http-equiv" in meta]
    assert policy.startswith("default-src 'none'; ")
    assert "connect-src" not in policy
    assert not page.of("link")
    assert not page.of("img")
    assert not [attributes for _, attributes in page.elements if "src" in attributes]
    assert all(link["href"].startswith("#") for link in page.of("a"))
    assert "http" not in re.sub("http-equiv", "", without_plotly(text))


def test_the_page_shows_every_row_under_an_anchor_of_its_own(report):
    page = Page(without_plotly(html.render(report)))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {f"vector_addition/10000/{side.implementation}" for side in SIDES} <= set(ids)
    shown = " ".join(" ".join(page.texts).split())
    for expected in (
        "AMD <EPYC>",
        "Load was 2.5: close other programs.",
        "not run: about 40 s a call",
        "wrong answer: relative error 1.6e+00 is above the tolerance 1e-10",
        "no difference resolved",
        "few samples: no verdict",
        wording.LEGENDS["algorithm"],
    ):
        assert expected in shown


CEILINGS = (Ceiling("read", 1, 24e4, 1.1e11), Ceiling("add", 1, 24e4, 1e11), Ceiling("flops", 1, None, 5.25e10))
WORK = {"flops": 1e4, "size_bytes": 24e4, "traffic": "add", "ceilings": CEILINGS}


def figures_of(text):
    return json.loads(re.findall(r'<script type="application/json" id="figures">(.*?)</script>', text)[0])


def test_the_page_draws_a_roofline_for_each_thread_count():
    both = [m for threads in (1, 2) for m in measurements(*SIDES, threads=threads, **WORK)]
    text = html.render(make_report(both))
    page = Page(without_plotly(text))
    plots = [plot for plot in page.of("div") if plot.get("class") == "plot"]
    drawn = figures_of(text)
    assert [plot["data-figure"] for plot in plots] == [str(i) for i in range(len(drawn))]
    captions = [part for part in page.texts if part.startswith("Roofline, ")]
    roofs = "Its roofs: 100 GB/s adding 240 kB, 52.5 Gflop/s in a matrix product."
    assert captions == [f"Roofline, 1 thread. {roofs}", f"Roofline, 2 threads. {roofs}"]
    assert [len(figure["data"]) for figure in drawn[-2:]] == [7, 7]  # a mark each, two roofs


def test_without_ceilings_there_is_no_roofline(report):
    page = Page(without_plotly(html.render(report)))
    assert "roofline" not in [attributes.get("id") for _, attributes in page.elements]


def test_a_problem_may_have_the_name_of_a_part_of_the_page():
    page = Page(without_plotly(html.render(make_report(measurements(*SIDES, problem="roofline", **WORK)))))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {"roofline", "roofline-2"} <= set(ids)


def test_the_page_lists_the_ceilings():
    shown = " ".join(" ".join(Page(without_plotly(html.render(make_report(measurements(**WORK))))).texts).split())
    assert "adding 1 240 kB 100 GB/s 100 GB/s 100 GB/s" in shown
    assert "matrix product 1 52.5 Gflop/s 52.5 Gflop/s 52.5 Gflop/s" in shown


def test_what_starting_costs_is_folded_below_its_table():
    costly = side("jit", 1e-6, first_call_s=1.5, first_call_cached_s=0.2, peak_memory_bytes=12.3e6)
    rows = make_report(measurements(costly, side("numpy_vectorized", 2e-6), SIDES[-1]))
    page = Page(without_plotly(html.render(rows)))
    assert {"class": "costs"} in page.of("details")
    shown = " ".join(" ".join(page.texts).split())
    assert (
        "implementation first call first call, compiled peak memory jit 1.50 s 200 ms 12.3 MB numpy_ vectorized — — —"
        in shown
    )
    assert "absent —" not in shown
    unknown = Page(without_plotly(html.render(make_report(measurements(side("a", 1.0))))))
    assert {"class": "costs"} not in unknown.of("details")


def test_a_side_on_too_many_processors_is_marked_in_every_format():
    busy = make_report(measurements(side("pool", 1.0, cpu_s=7.6), side("numpy_vectorized", 1.0, cpu_s=4.0)))
    remark = "kept 1.9 processors busy where 1 was allowed"
    legend = "! kept more processors busy than it was allowed: its time is not that of so many threads."
    assert "pool !" in terminal.render(busy)
    assert legend in terminal.render(busy)
    assert "| pool ! | 1.00 s |" in markdown.render(busy)
    assert f"- {legend}" in markdown.render(busy)
    assert f'<a href="#vector_addition/10000/pool">pool !</a><small class="busy">{remark}</small>' in html.render(busy)
    assert [row["reason"] for row in json.loads(json_report.render(busy))["rows"]] == [remark, ""]
    assert [line["reason"] for line in csv_module.DictReader(io.StringIO(csv.render(busy)))] == [remark, ""]


def test_hostile_text_is_shown_and_not_obeyed(hostile):
    text = html.render(hostile)
    page = Page(without_plotly(text))
    assert len(page.of("script")) == 4
    assert "\x1b" not in without_plotly(text)
    assert wording.clean(HOSTILE) in "".join(page.texts)
    (data,) = re.findall(r'<script type="application/json" id="figures">(.*?)</script>', text, flags=re.DOTALL)
    assert "<" not in data
    assert json.loads(data)[0]["data"][0]["name"].startswith("&lt;script&gt;")


def test_embedded_json_cannot_end_its_element():
    value = {"</script><!--": ["<script>", "&", float("nan")]}
    text = embedded(value)
    assert not set("<>&") & set(text)
    assert json.loads(text) == {"</script><!--": ["<script>", "&", None]}


def test_a_report_without_a_time_has_no_figure_but_says_so():
    report = make_report(measurements(refused("a", "failed", "killed")))
    text = html.render(report)
    assert len(text) < 100_000
    assert "vector_addition, 1 thread: no implementation has a time, so there is no figure." in text
    assert "Nothing was measured." in html.render(make_report([]))
    assert "Nothing was measured." in markdown.render(make_report([]))
    assert terminal.render(make_report([])).strip() == "Nothing was measured."


def test_a_figure_has_a_line_per_implementation_told_apart_twice():
    report = make_report([m for size in ("1000x10", "100x2", "20x20") for m in measurements(*SIDES, size=size)])
    figure = figures.times(report.rows, palette.styles(report.rows))
    assert [trace["name"] for trace in figure["data"]] == [
        "python_loop", "numpy_vectorized", "numpy_out", "numba_jit ~", "fourier",
    ]  # fmt: skip
    assert figure["data"][0]["x"] == [200, None, 10000, None, 400]  # by number of features, with gaps
    assert figure["data"][1]["text"][0] == "<b>numpy_vectorized</b><br>100x2<br>2.00 us, IQR 0 s<br>15.9 digits"
    looks = {(trace["line"]["color"], trace["marker"]["symbol"]) for trace in figure["data"]}
    assert len(looks) == 5


def test_one_size_is_drawn_as_one_mark_per_implementation(report):
    figure = figures.times(report.rows, palette.styles(report.rows))
    assert [trace["x"][0] for trace in figure["data"]] == pytest.approx([4e-4, 2e-6, 2e-6, 1.6e-6, 1e-3])
    assert figure["layout"]["xaxis"]["ticktext"] == ["10 us", "100 us", "1 ms"]


@pytest.mark.parametrize(
    ("size", "expected"),
    [("10", 10), ("1000x10", 10000), ("2x3x4", 24), ("0", None), ("", None), ("big", None), ("9" * 99, None)],
)
def test_the_elements_of_a_size_are_the_product_of_its_numbers(size, expected):
    assert figures.n_elements(size) == expected


@pytest.mark.parametrize("suffix", [".html", ".md", ".csv", ".json", ".JSON"])
def test_reports_are_written_whole_in_the_format_of_their_name(report, tmp_path, suffix):
    path = tmp_path / f"report{suffix}"
    path.write_text("old")
    write_report(report, path)
    assert "numba_jit" in re.sub("<wbr>", "", path.read_text(encoding="utf-8"))
    assert [found.name for found in tmp_path.iterdir()] == [path.name]
    assert stat.S_IMODE(path.stat().st_mode) & stat.S_IRUSR


def test_a_report_that_cannot_be_put_in_place_leaves_nothing_behind(report, tmp_path):
    path = tmp_path / "report.md"
    (path / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match=r"report\.md"):
        write_report(report, path)
    assert [found.name for found in tmp_path.iterdir()] == ["report.md"]


def test_an_unknown_format_is_named_with_the_known_ones(report, tmp_path):
    with pytest.raises(UnknownFormat, match=r"no report has the format '\.pdf'.*: \.html, \.md, \.csv, \.json$"):
        write_report(report, tmp_path / "report.pdf")


def test_bytes_that_were_no_text_can_be_written(tmp_path):
    report = make_report(measurements(side("caf\udce9", 1.0)))
    for name in ("a.html", "a.md", "a.csv", "a.json"):
        write_report(report, tmp_path / name)
        assert "udce9" in (tmp_path / name).read_text(encoding="utf-8")


def test_importing_the_report_loads_nothing_heavy():
    code = "import sys, lrbench.report; print([n for n in ('numba', 'plotly', 'rich', 'jinja2') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_wide_interval_keeps_its_digits():
    epochs = ((4e-9, 4e-3) * 2, (4e-3, 4e-9) * 2)
    runs = [
        Measurement(
            "p", "10", 1, process,
            (
                side("numpy_vectorized", 2e-6),
                dataclasses.replace(side("jit", 1.0), epochs_s=epochs[process % 2][:1] * 4),
            ),
        )
        for process in range(6)
    ]  # fmt: skip
    (table,) = make_report(runs).tables
    row = table.rows[1]
    assert row.speedup_high > 100 * row.speedup
    assert wording.speedup_text(row, table) == (
        f"{wording.three_digits(row.speedup)} [{wording.three_digits(row.speedup_low)}, "
        f"{wording.three_digits(row.speedup_high)}]"
    )
    assert "[0.00," not in wording.speedup_text(row, table)


@pytest.mark.parametrize(("share", "text"), [(0.834, "0.83"), (0.0096, "0.01"), (0.0094, "9e-03"), (None, "")])
def test_a_share_of_the_limit_has_two_decimals_or_one_digit(report, share, text):
    assert wording.limit_text(dataclasses.replace(report.rows[0], of_limit=share)) == text


def test_what_has_no_time_is_told_with_its_reasons(report):
    assert absent.summary(report) == "Without a time: 3 of 8 rows"
    assert absent.reasons(report) == [
        ("not run", ["slow at 10000 (about 40 s a call) of vector_addition"]),
        ("wrong answer: relative error 1.6e+00 is above the tolerance 1e-10", ["broken of vector_addition"]),
        ("skipped: needs torch: pip install 'lrbench[peers]'", ["absent of vector_addition"]),
    ]
    assert absent.summary(make_report(measurements(*SIDES[:3]))) == ""


def test_a_report_without_first_calls_says_so_once():
    timed = make_report(measurements(*SIDES[:2]))
    assert absent.starts(timed).startswith("First calls, break-even and memory of a call are not in these results")
    (started, *others) = SIDES[:2]
    assert absent.starts(make_report(measurements(dataclasses.replace(started, first_call_s=2.0), *others))) == ""
    assert absent.starts(make_report(measurements(refused("a", "failed", "killed")))) == ""


def test_what_is_absent_at_some_sizes_is_told_with_them():
    there, gone = side("a", 1.0), refused("a", "failed", "killed")
    runs = [m for size, one in (("10", there), ("20", gone)) for m in measurements(one, size=size)]
    assert absent.reasons(make_report(runs)) == [("failed: killed", ["a at 20 of vector_addition"])]


def test_columns_that_nothing_fills_are_left_out():
    bare = dataclasses.replace(side("a", 1.0), algorithm="")
    shown = html.render(make_report(measurements(bare)))
    assert ">digits</th>" not in shown
    assert ">algorithm</th>" not in shown
    full = html.render(make_report(measurements(side("a", 1.0, digits=3.0))))
    assert ">digits</th>" in full
    assert ">algorithm</th>" in full


def test_many_commits_are_told_by_their_ends():
    environment = [("commit", ", ".join(f"{k:040x}" for k in range(1, 10))), ("cpu", "A, B")]
    assert page.facts(environment, ("commit", "cpu")) == [
        ("commit", "0000000000 … 0000000000 (9)"),
        ("cpu", "A, B"),
    ]


def test_bytes_are_written_as_people_do():
    assert wording.environment_text({"memory_bytes": 25276514304, "x_bytes": "many"}) == [
        ("memory", "25.3 GB"),
        ("x bytes", "many"),
    ]
