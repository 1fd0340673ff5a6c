"""The Sphinx extension: everything that the pages show beyond Markdown."""
