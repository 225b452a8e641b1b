"""What can be wrong with what a user gave, as one class: raised, collected or written to a report."""

from dataclasses import asdict, dataclass


@dataclass
class Fault(Exception):
    """Something the user can mend. It is shown in one line, without a traceback.

    ``fault`` says what is wrong, ``file``, ``sample`` and ``line`` (1-based) where, ``remedy`` what to do.
    Stages raise it; the checks of the input collect many and report them together.
    """

    fault: str
    file: str | None = None
    sample: str | None = None
    line: int | None = None
    remedy: str = ""

    def __post_init__(self) -> None:
        self.file = None if self.file is None else str(self.file)

    def __str__(self) -> str:
        where = " ".join(filter(None, [self.file, f"line {self.line}" if self.line else ""]))
        whose = f"sample {self.sample}" if self.sample else ""
        place = ", ".join(filter(None, [where, whose]))
        text = f"{place}: {self.fault}" if place else self.fault
        return f"{text}. {self.remedy}" if self.remedy else text

    def as_row(self) -> dict:
        """The fault as a row of ``checks/inputs.json``."""
        row = asdict(self)
        return {name: row[name] for name in ("file", "sample", "line", "fault", "remedy")}
