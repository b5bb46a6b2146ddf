"""Small data, orders of visits and a batch size, as hypothesis draws them, for the tests of SGD against fractions."""

import numpy as np
from hypothesis import strategies as st


@st.composite
def sgd_cases(draw, make):
    """Draw what make(n, d, seed) gives, an order of visits for each epoch, and a batch size."""
    n, d = draw(st.integers(1, 9)), draw(st.integers(1, 4))
    n_epochs, n_visits = draw(st.integers(0, 2)), draw(st.integers(0, 12))
    visits = st.lists(st.integers(0, n - 1), min_size=n_epochs * n_visits, max_size=n_epochs * n_visits)
    orders = np.array(draw(visits), dtype=np.int64).reshape(n_epochs, n_visits)
    return make(n, d, draw(st.integers(0, 99))), orders, draw(st.integers(1, 10))
