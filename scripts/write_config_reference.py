"""Write the reference of the configuration from the schemas."""

from pathlib import Path

from permed.inputs.config import describe, read_schema
from permed.step import step
from permed.tables import write_text

INTRODUCTION = """# Configuration

Generated from `config/schemas` by `make docs`: change it there.

A configuration is a YAML file given with `--configfile my.yaml` (or `make run CONFIG=my.yaml`). It replaces the demo's
`config/config.yaml` and is never merged with it; what you leave out takes the default below, and a key that is not
listed here is refused. Relative paths count from the folder in which the workflow runs (`--directory`). The smallest
one:

```yaml
cohort:
  samples: samples.tsv
  genotypes: cohort.vcf.gz
genome:
  reference: GRCh38.fa.gz
```
"""


@step
def write_config_reference(
    schema: Path, *, samples: Path = Path("config/schemas/samples.schema.yaml"), reference: Path
) -> None:
    """Write config/README.md: every key with its default and meaning, then the columns of the sample sheet."""
    rows = [f"| `{key}` | {default} | {meaning} |" for key, default, meaning in describe(read_schema(schema))]
    sheet = read_schema(samples)
    columns = [f"| `{name}` | {' '.join(rule['description'].split())} |" for name, rule in sheet["properties"].items()]
    needed = "`sample` and `consent` are needed; other columns may be left out."
    parts = [
        INTRODUCTION,
        "## Keys\n\n| key | default | meaning |\n|---|---|---|",
        "\n".join(rows),
        f"\n## Sample sheet\n\n{sheet['description']} {needed}\n",
        "| column | meaning |\n|---|---|",
        "\n".join(columns),
    ]
    write_text("\n".join(parts) + "\n", reference)
