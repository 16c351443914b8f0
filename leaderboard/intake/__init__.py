"""The way of a bundle into the store: preview, scoring, near-duplicates, receipt."""
