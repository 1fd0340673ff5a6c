"""Pytest's settings for the whole repository; what they do stands in ``tests/support``."""

pytest_plugins = ["support.temporary", "support.lanes", "support.validation"]
