"""Lines of a figure are told apart by colour, by mark and by dash, on both papers, by colour-blind readers too."""

import itertools
import re

import numpy as np
import pytest
from gradient_tables import measured, side

from lrbench.comparisons import make_report
from lrbench.experiments import charts
from lrbench.report import page, palette

# What the three kinds of dichromats see, on linear sRGB.
# Source: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A physiologically-based model for simulation of color
# vision deficiency", IEEE Transactions on Visualization and Computer Graphics 15(6), 2009, severity 1.
SEEN = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(colour):
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return linear(colour) @ [0.2126, 0.7152, 0.0722]


def oklab(rgb):
    """Return OKLab of linear sRGB. Source: B. Ottosson, "A perceptual color space for image processing", 2020."""
    cones = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    axes = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return np.array(axes) @ np.cbrt(np.array(cones) @ np.clip(rgb, 0.0, 1.0))


def least_distance(matrix):
    seen = [oklab(matrix @ linear(colour)) for colour in palette.COLOURS]
    return min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))


def test_every_colour_is_readable_on_both_papers():
    papers = set(re.findall(r"--paper: (#[0-9a-f]{6})", page.own("page.css")))
    assert len(papers) == 2
    for colour, paper in itertools.product(palette.COLOURS, papers):
        dark, light = sorted((luminance(colour), luminance(paper)))
        assert (light + 0.05) / (dark + 0.05) >= 3.0  # WCAG 2.2, 1.4.11: graphical objects


def test_ten_colours_differ():
    assert len(palette.COLOURS) == 10
    assert least_distance(np.eye(3)) > 0.145


@pytest.mark.parametrize("kind", SEEN)
def test_ten_colours_differ_for_colour_blind_readers(kind):
    assert least_distance(np.array(SEEN[kind])) > 0.065


def test_experiments_have_the_same_colours():
    assert charts.COLOURS == palette.COLOURS


def test_ten_lines_have_ten_colours_and_ten_marks():
    looks = palette.styles_of("abcdefghij").values()
    assert len({look["color"] for look in looks}) == len({look["symbol"] for look in looks}) == 10


def test_a_hundred_lines_have_a_hundred_looks():
    looks = palette.styles_of(map(str, range(100))).values()
    assert len({(look["color"], look["symbol"]) for look in looks}) == 100
    assert len({(look["color"], look["dash"]) for look in itertools.islice(looks, 60)}) == 60


def rows_of(**problems):
    runs = [m for name, sides in problems.items() for m in measured(*(side(s, 1e-6) for s in sides), problem=name)]
    return make_report(runs).rows


def test_who_comes_later_takes_what_is_free_beside_it():
    names = [f"a{i}" for i in range(10)]
    looks = palette.styles(rows_of(first=names, second=[*names[:9], "late"]))
    assert len({looks[name]["color"] for name in (*names[:9], "late")}) == 10


def test_a_problem_of_ten_has_ten_colours_whatever_came_before_it():
    rows = rows_of(large=[f"a{i}" for i in range(25)], small=["a3", "a13", "a23", *(f"b{i}" for i in range(7))])
    looks = palette.styles(rows)
    assert len({looks[row.implementation]["color"] for row in rows if row.problem == "small"}) == 10
    assert len({looks[row.implementation]["symbol"] for row in rows if row.problem == "small"}) == 10
    assert len({(look["color"], look["symbol"]) for look in looks.values()}) == len(looks) == 32
