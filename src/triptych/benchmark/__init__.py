"""Measuring the frameworks on a machine, and the records that come of it."""
