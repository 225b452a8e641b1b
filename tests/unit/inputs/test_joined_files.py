"""Files of several people whose fields are of different types, joined as the workflow does."""

import itertools

import pysam
import pytest

from permed.inputs.convert import take_file
from permed.inputs.files import place_name

ROWS = [(100, "0|1"), (140, "1|0"), (180, "0/1")]
DEFINITIONS = {
    "freebayes": ("GQ", "1", "Float", ["35.5", "160.9", "7"], [35, 160, 7]),
    "gatk": ("GQ", "1", "Integer", ["35", "99", "7"], [35, 99, 7]),
    "text": ("GQ", "1", "String", ["35", "99", "."], [35, 99, None]),
    "giab": ("PS", "1", "String", ["PATMAT", "chr1_9", "."], ["a", "b", None]),
    "whatshap": ("PS", "1", "Integer", ["100", "140", "."], ["a", "b", None]),
    "strelka": ("AD", ".", "Integer", ["3,4", "5,6", "."], [(3, 4), (5, 6), (None,)]),
    "deepvariant": ("AD", "R", "Integer", ["3,4", "5,6", "."], [(3, 4), (5, 6), (None,)]),
    "varscan": ("AD", "1", "Integer", ["4", "6", "."], [None, None, None]),
    "beagle": ("DS", "A", "Float", ["1", "0.99", "."], [(1.0,), (0.99,), (None,)]),
    "minimac": ("DS", "1", "Float", ["1", "0.99", "."], [(1.0,), (0.99,), (None,)]),
}


@pytest.fixture
def joined(cohort, run_step):
    """Normalise one file a person together; each of a program of :data:`DEFINITIONS`."""

    def run(*programs: str):
        places = []
        for number, program in enumerate(programs):
            name, count, kind, values, _ = DEFINITIONS[program]
            head = ["##fileformat=VCFv4.2", "##contig=<ID=chr1,length=4000>"]
            head += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="g">']
            head += [f'##FORMAT=<ID={name},Number={count},Type={kind},Description="d">']
            columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", f"P{number}"]
            rows = [
                ["chr1", str(pos), ".", "A", "C", ".", "PASS", ".", f"GT:{name}", f"{genotype}:{value}"]
                for (pos, genotype), value in zip(ROWS, values, strict=True)
            ]
            content = "\n".join([*head, *map("\t".join, [columns, *rows]), ""]).encode()
            path = cohort.write(f"{number}.vcf.gz", content, packed=True)
            place = cohort.folder / "ours" / place_name(number, str(path))
            take_file(path, place, place.with_name(f"{place.name}.csi"), [f"P{number}"], ["chr1"], "GRCh38")
            places.append(place)
        (cohort.folder / "any.txt").write_text("".join(f"P{n}\n" for n in range(len(programs))))
        names = {"variants": "v.bcf", "index": "v.bcf.csi", "set_aside": "a.parquet", "counts": "c.json"}
        outputs = {name: cohort.folder / "ours" / file for name, file in names.items()}
        run_step("normalise_variants")(cohort.folder / "any.txt", places, "chr1", **outputs)
        with pysam.VariantFile(str(outputs["variants"])) as file:
            return [{name: dict(call) for name, call in record.samples.items()} for record in file]

    return run


PAIRS = [pair for pair in itertools.permutations(DEFINITIONS, 2) if DEFINITIONS[pair[0]][0] == DEFINITIONS[pair[1]][0]]


@pytest.mark.parametrize("programs", PAIRS, ids="-".join)
def test_each_person_keeps_their_own_values(joined, programs):
    records = joined(*programs)
    assert len(records) == len(ROWS)
    for number, program in enumerate(programs):
        name, *_, expected = DEFINITIONS[program]
        values = [record[f"P{number}"].get(name) for record in records]
        assert all(record[f"P{number}"]["GT"] in ((0, 1), (1, 0)) for record in records)
        if name == "PS":
            assert len(set(values[:2])) == 2
            assert values[2] is None
        else:
            assert list(map(listed, values)) == [pytest.approx(listed(value)) for value in expected]


def listed(value) -> list:
    """The known values of a field, in whatever number it is defined."""
    return [one for one in (value if isinstance(value, tuple) else (value,)) if one is not None]
