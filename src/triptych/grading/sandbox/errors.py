"""What can go wrong: by the submission's own fault, or by the sandbox's."""

from __future__ import annotations

from triptych.errors import TriptychError

#: The remedies where there is no sandbox.
INSTALL = "install bubblewrap (Debian, Ubuntu: apt install bubblewrap) or podman"
TRUSTED = "for a notebook that you wrote yourself, --trusted runs it without a sandbox"


class SubmissionError(Exception):
    """Anything that is the submission's own fault; its text is for the learner."""


class Missing(SubmissionError):
    """The notebook defines no function of that name."""


class Raised(SubmissionError):
    """The function raised; ``type`` and ``message`` are the exception's, ``line`` is the learner's."""

    def __init__(self, name: str, type: str, message: str, line: str = "") -> None:
        """``name``: the function's; ``line`` is empty where it is not known."""
        self.type, self.message, self.line = type, message, line
        super().__init__(f"{name} raised {type}" + (f": {message}" if message else ""))


class TimedOut(SubmissionError):
    """A call took too long. The session may live on."""


class OutOfMemory(SubmissionError):
    """A call wanted more memory than is allowed. The session may live on."""


class BadValue(SubmissionError):
    """What was returned is not plain data, or is too large."""


class Died(SubmissionError):
    """The submission's process is no more; its text says why."""


class SandboxUnavailable(TriptychError):
    """No sandbox here that could hold other people's code; says what to install."""


class SandboxFailed(TriptychError):
    """The sandbox itself failed in the middle of a submission, which is not to blame: run it again."""
