"""How rows are told: columns, words, numbers."""
