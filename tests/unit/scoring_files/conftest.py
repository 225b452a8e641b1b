"""Scoring files written from rows of cells."""

import gzip

import pytest

PLAIN = "chr_name chr_position effect_allele other_allele effect_weight"


@pytest.fixture
def write(tmp_path):
    """Write a text or bytes under a name; a text is compressed where the name ends with .gz."""

    def make(text, name="height.txt"):
        path = tmp_path / name
        content = text.encode() if isinstance(text, str) else text
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") and isinstance(text, str) else content)
        return path

    return make


@pytest.fixture
def table():
    """Rows, each a text of cells (``_`` is an empty one), as lines of a file."""

    def make(*rows):
        return "".join("\t".join("" if cell == "_" else cell for cell in row.split()) + "\n" for row in rows)

    return make
