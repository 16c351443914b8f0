"""Reference results of dgbench: a folder of finished runs for each benchmark."""
