"""What is held against a sample."""

from dataclasses import dataclass, field


@dataclass
class Findings:
    """What is held against a sample, what could not be looked at (as ``metric: reason``), and ``notes``: what is told
    beside the reasons and is no fault."""

    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def status(self) -> str:
        """The worst."""
        return "fail" if self.failures else "warn" if self.warnings else "pass"
