"""Five rows of two features and a price, to which each test does one thing."""

AREA = ["area", "50", "70", "90", "65", "120"]
AGE = ["age", "30", "5", "12", "41", "8"]
PRICE = ["price", "100", "180", "210", "120", "300"]


def csv_text(*columns, separator=","):
    return "".join(separator.join(row) + "\n" for row in zip(*columns, strict=True))


def replaced(column, row, cell):
    """Return the column with another cell in a data row counted from 1."""
    return [*column[:row], cell, *column[row + 1 :]]
