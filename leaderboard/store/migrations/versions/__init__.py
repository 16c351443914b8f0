"""One file a revision of the tables; a released one is never changed."""
