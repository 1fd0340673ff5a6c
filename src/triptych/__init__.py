"""Triptych: deep-learning frameworks, side by side.

The package holds what the course's notebooks do not: the notebook model, the
parity of siblings, the Sphinx extension and the command line. The notebooks
themselves import nothing from here.
"""

__version__ = "0.2.0"
