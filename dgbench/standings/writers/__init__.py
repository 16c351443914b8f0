"""One module for each format in which a table of results is written."""
