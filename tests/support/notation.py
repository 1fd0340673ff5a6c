"""The notation of solutions, in small."""

from __future__ import annotations

ANSWER = {
    "grade": False,
    "grade_id": "a",
    "locked": False,
    "schema_version": 3,
    "solution": True,
    "task": False,
}
CHECK = ANSWER | {"grade": True, "grade_id": "c", "locked": True, "solution": False, "points": 1}
HELPER = ANSWER | {"grade_id": "h", "locked": True, "solution": False}
TASK = ANSWER | {"grade_id": "t", "solution": False, "task": True, "points": 1}


REGION = "def f(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
