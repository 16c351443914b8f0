"""What a run leaves behind: its record, its predictions, its folder. Never imports torch."""
