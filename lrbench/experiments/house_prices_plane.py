"""The figure of house_prices that has a depth: price over area and age, in a parallel projection.

Drawn with flat lines, and not as a scene to be turned: it is the same on paper and wherever a browser draws no scenes.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from lrbench.experiments import charts
from lrbench.experiments.findings import Figure
from lrbench.experiments.houses import Floats
from lrbench.experiments.wording import number

SHIFT = (-0.55, 0.4)  # how far right and up the far edge is drawn, in parts of the near edge and of the height
OLDEST = 80.0  # years
TINT = "rgba(59,125,221,0.15)"
Corner = tuple[float, float, float]  # area, age, price


def figure(known: tuple[Floats, Floats], w: Floats, b: float) -> Figure:
    """Return the houses, the plane and the residuals.

    w: (2,), thousands of euros a m² and a year.   b: thousands of euros.
    """
    X, y = known
    size = np.array([50.0 * np.ceil(X[:, 0].max() / 50.0), OLDEST, 100.0 * np.ceil(y.max() / 100.0)])
    predicted = X[:, :2] @ w + b
    above = y >= predicted
    houses = np.column_stack((X[:, :2], y))
    feet = np.column_stack((X[:, :2], predicted))
    front = 50.0  # m²: no house is smaller by much

    def on_plane(area: float, age: float) -> Corner:
        return area, age, float(area * w[0] + age * w[1] + b)

    areas, ages = np.linspace(front, size[0], 5), np.linspace(0.0, OLDEST, 5)
    mesh = [(on_plane(area, 0.0), on_plane(area, OLDEST)) for area in areas]
    mesh += [(on_plane(front, age), on_plane(size[0], age)) for age in ages]
    sheet = [on_plane(front, 0.0), on_plane(size[0], 0.0), on_plane(size[0], OLDEST), on_plane(front, OLDEST)]
    traces = [
        charts.reference("", *_strokes(_room(*size), size), opacity=0.6, showlegend=False),
        charts.line("", *_project(sheet, size), look=0, fill="toself", fillcolor=TINT, showlegend=False),
        charts.line("the plane", *_strokes(mesh, size), look=0, opacity=0.7),
        charts.line("residuals", *_strokes(zip(houses, feet, strict=True), size), line=_STICK),
        charts.points("above the plane", *_project(houses[above], size), look=1),
        charts.points("below the plane", *_project(houses[~above], size), look=6),
        *_scales(*size),
    ]
    traces[1]["line"]["width"] = 0
    traces[2]["line"]["width"] = 1
    traces[5]["marker"]["symbol"] = "circle-open"
    return Figure(
        "Price (upwards) over area (to the right) and age (into the depth). Each house is joined to the plane by its "
        "residual; the plane is the one with the smallest loss. It rises with the area and falls with the age: cut at "
        "one age it is a line again, and the lines of all ages are parallel.",
        f"A tilted plane among {len(y)} points. It changes by {number(w[0], '.2f')} thousand euros a square metre, and "
        f"by {number(w[1], '.2f')} a year of age.",
        charts.chart(
            traces,
            x={
                "title": {"text": "area (m²), to the right; age (years), into the depth"},
                "range": [-0.8, 1.1],
                **_BARE,
            },
            y={"title": {"text": "price (thousands of euros), upwards"}, **_BARE},
            height=520,
        ),
    )


_STICK = {"color": charts.NEUTRAL, "width": 2}
_BARE = {"showgrid": False, "showticklabels": False, "ticks": ""}


def _project(corners: Any, size: Floats) -> tuple[Floats, Floats]:
    """Return where points (area, age, price) are drawn, the box of that size being 1 wide and 1 high in front."""
    right, depth, up = np.asarray(corners, dtype=np.float64).reshape(-1, 3).T / size[:, None]
    return right + SHIFT[0] * depth, up + SHIFT[1] * depth


def _strokes(segments: Iterable[tuple[Any, Any]], size: Floats) -> tuple[list[float | None], list[float | None]]:
    """Return one trace's coordinates for segments from point to point, with gaps between them."""
    x: list[float | None] = []
    y: list[float | None] = []
    for segment in segments:
        right, up = _project(segment, size)
        x += [*right, None]
        y += [*up, None]
    return x, y


def _room(area: float, age: float, price: float) -> list[tuple[Corner, Corner]]:
    """Return the floor's grid and the far wall's lines."""
    floor = [((a, 0.0, 0.0), (a, age, 0.0)) for a in _ticks(area, 50.0)]
    floor += [((0.0, t, 0.0), (area, t, 0.0)) for t in _ticks(age, 20.0)]
    wall = [((0.0, age, p), (area, age, p)) for p in _ticks(price, 100.0)[1:]]
    return [*floor, *wall, ((0.0, age, 0.0), (0.0, age, price)), ((area, age, 0.0), (area, age, price))]


def _scales(area: float, age: float, price: float) -> list[charts.Trace]:
    """Return the numbers along the edges."""
    along = (
        ([(a, 0.0, 0.0) for a in _ticks(area, 50.0)[1:]], 0, " m²", "bottom center"),
        ([(0.0, t, 0.0) for t in _ticks(age, 20.0)], 1, " years", "middle left"),
        ([(0.0, age, p) for p in _ticks(price, 100.0)[1:]], 2, "", "middle left"),
    )
    size = np.array([area, age, price])
    return [
        charts.words([f"{corner[k]:g}{unit}\u2002" for corner in corners], *_project(corners, size), beside=beside)
        for corners, k, unit, beside in along
    ]


def _ticks(last: float, step: float) -> list[float]:
    return [float(tick) for tick in np.arange(0.0, last + step / 2.0, step)]
