"""c = a + b, coordinate by coordinate and all at once: the documents' first experiment on vectorisation."""
