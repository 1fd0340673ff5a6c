"""Notebooks: what is read, what a stored one must be, and how one is run."""
