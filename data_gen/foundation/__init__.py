"""Errors, documents, files and progress: the ground that every room stands on."""
