"""The programs that `make bench` measures, each in a process of its own.

``variants`` says which there are; ``child`` is the process that measures one; the other
modules build it: one for each framework, ``runtimes`` for a stored file without its framework,
``machine`` for what the machine itself can do. The models are not written here: their cells
are taken from the notebooks of chapter ``performance``, so that what is measured is what is
taught.
"""
