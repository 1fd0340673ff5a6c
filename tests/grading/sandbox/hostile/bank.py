"""Submissions that try to get marks they have not earned, or to do harm: all of them, by kind."""

from __future__ import annotations

from hostile.answers import ANSWERS
from hostile.clock import TIME
from hostile.memory import MEMORY
from hostile.resources import RESOURCES
from hostile.shared import SHARED
from hostile.snooping import SNOOPING

KINDS = (TIME, MEMORY, RESOURCES, SHARED, ANSWERS, SNOOPING)
BANK = tuple(attempt for kind in KINDS for attempt in kind)

#: Of each kind the first three: those of the quick lane.
QUICK = tuple(attempt for kind in KINDS for attempt in kind[:3])
