"""What holds for every format of a report, and writing them."""

import csv as csv_module
import io
import json
import re
import stat
import subprocess
import sys

import pytest
from report_samples import measurements, refused, side

from lrbench.comparisons import make_report
from lrbench.report import UnknownFormat, csv, html, markdown, terminal, write_report
from lrbench.report import json as json_report


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


def test_a_report_without_a_time_has_no_figure_but_says_so():
    report = make_report(measurements(refused("a", "failed", "killed")))
    text = html.render(report)
    assert len(text) < 100_000
    assert "vector_addition, 1 thread: no implementation has a time, so there is no figure." in text
    assert "Nothing was measured." in html.render(make_report([]))
    assert "Nothing was measured." in markdown.render(make_report([]))
    assert terminal.render(make_report([])).strip() == "Nothing was measured."


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
