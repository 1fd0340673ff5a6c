"""Grading: hidden checks outside the learner's process.

The submission runs in a sandbox and is asked for values; the checks run in a bounded
process of the grader's, and only data crosses the border. See ``sandbox`` and ``marking``.
"""
