"""Grading: hidden checks outside the learner's process.

The submission runs in a sandbox and is asked for values; the checks run here,
and only data crosses the border. See ``sandbox`` for what is promised.
"""
