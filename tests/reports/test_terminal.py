"""Reports on a terminal."""

from lrbench.comparisons import make_report
from lrbench.report import pairs, terminal
from lrbench.results import Measurement, Side

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

Skipped: absent (needs torch). pip install 'lrbench[peers]'

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


def run(commit, *names, time_s):
    """Return one run of a problem, whose sides take the same time."""
    sides = tuple(Side(name, "qr", "", number=1, epochs_s=(time_s,) * 3, rounds=(0, 1, 2)) for name in names)
    return Measurement("fit", "9x2", 1, 0, sides, {"commit": commit * 40}, source="tool", started="2025-01-02")


BESIDE = """\
tool aaaaaaaaaa 2025-01-02T00:00, and tool bbbbbbbbbb 2025-01-02T00:00

  case                    first   second   second over first   interval
 ───────────────────────────────────────────────────────────────────────
  fit/9x2/qr, 1 thread   1.00 s   2.00 s                2.00

Not compared: only the first has the case: fit/9x2/svd, 1 thread
Not compared: only the second has the case: fit/9x2/lu, 1 thread

"""


def test_the_terminal_shows_runs_beside_each_other():
    report = make_report([run("a", "qr", "svd", time_s=1.0), run("b", "qr", "lu", time_s=2.0)])
    text = terminal.render(report, width=240)
    assert BESIDE in text
    assert text.count(pairs.LEGEND) == 1
    assert text.index("fit at 9x2") < text.index(BESIDE)


def test_runs_without_a_common_case_have_no_legend_of_ratios():
    text = terminal.render(make_report([run("a", "qr", time_s=1.0), run("b", "lu", time_s=2.0)]), width=240)
    assert "Not compared: only the first has the case: fit/9x2/qr, 1 thread" in text
    assert pairs.LEGEND not in text
