"""Say what is asked of a method, run it, and record what it did."""
