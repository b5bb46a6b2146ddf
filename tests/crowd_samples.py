"""More implementations than colours, at a few sizes and at more."""

from gradient_tables import PLAIN, side, table_of

FEW = ("10x2", "1000x2", "100000x2")
MANY = (*FEW, "10000x2")
# The higher the number the slower, but for the last at the largest sizes.
CROWD = (PLAIN, *(side(f"s{i:02}", (10 + i) * 1e-6, digits=15.0 - i / 10) for i in range(14)))


def tables(sizes, sides=CROWD, **fields):
    late = tuple(side("s13", 1e-7) if one.implementation == "s13" else one for one in sides)
    return [table_of(*(late if size == "10000x2" else sides), size=size, **fields) for size in sizes]
