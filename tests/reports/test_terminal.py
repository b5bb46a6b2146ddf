"""Reports on a terminal."""

from lrbench.report import terminal

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
