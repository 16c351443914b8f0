"""The traces of a run: its record, its predictions, its folder. Never imports torch."""
