"""What every room stands on: errors, documents, files, progress."""
