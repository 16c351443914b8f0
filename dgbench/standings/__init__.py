"""The table of results: what ranks, its columns, words and numbers, and each way to write it."""
