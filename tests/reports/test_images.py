"""The page's figures as files."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from gradient_tables import measured, side

from lrbench.cli import main
from lrbench.comparisons import make_report
from lrbench.readers import read
from lrbench.report import calls, figures, images, palette, sections

DATA = Path(__file__).parents[1] / "data"
WORDS = ["report", str(DATA / "pytest_benchmark.json"), "--figures"]


@pytest.fixture(scope="module")
def report():
    pytest.importorskip("matplotlib", reason="needs matplotlib: pip install 'lrbench[figures]'")
    paths = [DATA / "readme", DATA / "asv" / "results", DATA / "pytest_benchmark.json"]
    return make_report(*read(paths))


@pytest.mark.parametrize("kind", images.KINDS)
def test_every_figure_of_the_page_is_a_file(tmp_path, report, kind):
    written = images.write_figures(report, tmp_path / "new", kind)
    assert len(written) == len(sections.drawings(report)) > 5
    assert len({path.name for path in written}) == len(written)
    start = b"\x89PNG" if kind == "png" else b"<?xml"
    for path in written:
        assert path.read_bytes().startswith(start)
        assert path.stat().st_size > 5000


def test_a_figure_draws_every_trace_and_names_its_ticks(report):
    from matplotlib.figure import Figure

    for caption, figure in sections.drawings(report):
        axes = Figure().add_subplot()
        images.draw(axes, figure, caption)
        assert len(axes.containers) + len(axes.patches) == len(figure["data"])
        assert axes.get_title(loc="left") == caption
        given = figure["layout"]["xaxis"]
        assert axes.get_xscale() == ("log" if given.get("type") == "log" else "linear")
        if "ticktext" in given:
            assert [tick.get_text() for tick in axes.get_xticklabels()] == list(given["ticktext"])


def drawn(figure):
    """Return the marks that a figure of the page has as a file."""
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    images.draw(axes, figure, "")
    return [
        line for line in axes.get_lines() if line.get_linestyle() == "None" and not line.get_label().startswith("_")
    ]


def test_ten_lines_have_ten_marks_ten_colours_and_every_dash():
    pytest.importorskip("matplotlib", reason="needs matplotlib: pip install 'lrbench[figures]'")
    sides = [side(f"side_{i}", (i + 1) * 1e-6, baseline="side_0") for i in range(10)]
    rows = make_report([m for size in ("10", "100") for m in measured(*sides, size=size)]).rows
    marks = drawn(figures.times(rows, palette.styles(rows)))
    assert len({mark.get_marker() for mark in marks}) == len({mark.get_color() for mark in marks}) == 10
    assert set(palette.DASHES) <= images.DASHES.keys()


def test_a_line_of_many_points_has_few_marks():
    pytest.importorskip("matplotlib", reason="needs matplotlib: pip install 'lrbench[figures]'")
    (table,) = make_report(measured(side("plain", 1e-3, first_call_s=1.0), side("jit", 1e-6, first_call_s=2.0))).tables
    figure = calls.figure(table, palette.styles(table.rows))
    assert len(figure["data"][0]["x"]) > 16
    assert [4 <= len(mark.get_xdata()) <= 8 for mark in drawn(figure)] == [True, True]


def test_equal_reports_give_equal_files(tmp_path, report):
    first, second = (images.write_figures(report, tmp_path / name)[0] for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()


def test_the_command_says_what_it_wrote(tmp_path, report):
    assert report.tables
    done = CliRunner().invoke(main, [*WORDS, str(tmp_path / "f")])
    assert (done.exit_code, done.output) == (0, f"Written: 2 figures in {tmp_path / 'f'}\n")


def test_a_missing_library_is_named_with_its_remedy(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = CliRunner().invoke(main, [*WORDS, str(tmp_path / "f")])
    assert done.exit_code == 2
    assert "pip install 'lrbench[figures]'" in " ".join(done.output.split())
