"""The tables of JOSS, one noun per file."""

from kartini.systems.joss.models.application import (
    CLOSED,
    NUMBER,
    OPEN,
    STOPPED,
    Application,
    State,
    Word,
)
from kartini.systems.joss.models.file import AttachedPaper, Fault, FaultList, HistoryLine, Message
from kartini.systems.joss.models.permit import Decision, Permit, Series
from kartini.systems.joss.models.turns import Assessment, Recommendation, Survey, SurveyPhoto
from kartini.systems.joss.models.types import PermitType

__all__ = [
    "CLOSED",
    "NUMBER",
    "OPEN",
    "STOPPED",
    "Application",
    "Assessment",
    "AttachedPaper",
    "Decision",
    "Fault",
    "FaultList",
    "HistoryLine",
    "Message",
    "Permit",
    "PermitType",
    "Recommendation",
    "Series",
    "State",
    "Survey",
    "SurveyPhoto",
    "Word",
]
