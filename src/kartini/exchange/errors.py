"""Why no answer came. Each has the HTTP status under which the log keeps it."""


class Unanswered(Exception):
    """No answer came: nobody answers, no grant allows it, or the answerer is away."""

    status = 500


class NobodyAnswers(Unanswered):
    """No system answers this question."""

    status = 404


class NotGranted(Unanswered):
    """No grant in force lets this system ask this for this purpose."""

    status = 403


class TooOften(Unanswered):
    """The grant's rate is used up."""

    status = 429


class ProviderFailed(Unanswered):
    """The answerer broke down, or said something that the contract does not know."""

    status = 502


class TooSlow(Unanswered):
    """The answerer did not answer in time."""

    status = 504


class NotLogged(Unanswered):
    """The message log could not be written, and an answer without it must not leave."""

    status = 503
