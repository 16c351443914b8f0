"""What predictions are scored against."""
