"""Train the weights of a polygenic score from summary statistics."""

import json
from pathlib import Path

from permed.genome import AUTOSOMES
from permed.reference import Reference
from permed.scores.train.files import write_compressed
from permed.scores.train.settings import Settings
from permed.scores.train.training import train
from permed.step import log, step
from permed.tables import write_json


@step
def train_score(
    settings: str,
    *,
    score: Path,
    about: Path,
    trained: str,
    build: str = "GRCh38",
    files: list[Path] | None = None,
    reference: Path | None = None,
    threads: int = 1,
) -> None:
    """Write the scoring file of the score ``trained`` and the log of its training.

    ``settings`` is the score's entry of scores.train as JSON. The ``files`` that it names are inputs of the rule as
    well, so that a change of theirs trains the score again. ``reference`` is the linked FASTA.
    """
    bases = Reference(reference, AUTOSOMES).bases if reference else None
    made = train(trained, Settings(**json.loads(settings)), build, bases, threads)
    for warning in made.log["warnings"]:
        log.info("%s", warning)
    write_compressed(made.scoring_file, score)
    write_json(made.log, about)
    log.info("%d weights of %s", made.log["weights"], trained)
