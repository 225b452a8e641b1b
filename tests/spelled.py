"""HGVS by brute force, to hold the annotation against: every position is named in a list, every placement is tried."""

import gzip
from itertools import pairwise, product

import pysam

THREE = dict(
    zip(
        "ARNDCQEGHILKMFPSTWYV*",
        "Ala Arg Asn Asp Cys Gln Glu Gly His Ile Leu Lys Met Phe Pro Ser Thr Trp Tyr Val Ter".split(),
        strict=True,
    )
)
CODONS = dict(
    zip(
        map("".join, product("TCAG", repeat=3)),
        "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        strict=True,
    )
)
TURN = str.maketrans("ACGT", "TGCA")


class Spelled:
    """One transcript of a GFF3 file, with each base's genomic position, name and letter in reading order."""

    def __init__(self, genes, fasta, transcript: str):
        parts = {"exon": [], "CDS": []}
        with gzip.open(genes, "rt") as lines:
            for line in lines:
                cells = line.rstrip("\n").split("\t")
                if len(cells) > 8 and cells[2] in parts and f"Parent=transcript:{transcript};" in cells[8] + ";":
                    parts[cells[2]].append((int(cells[3]), int(cells[4])))
                    self.contig, self.strand = cells[0], cells[6]
        turn = -1 if self.strand == "-" else 1
        exonic = sorted((p for a, b in parts["exon"] for p in range(a, b + 1)), key=lambda p: turn * p)
        coding = {p for a, b in parts["CDS"] for p in range(a, b + 1)}
        first = next(n for n, p in enumerate(exonic) if p in coding)
        self.size = len(coding)
        named = {}
        for n, p in enumerate(exonic):
            named[p] = f"{n - first + 1}" if n >= first else f"{n - first}"
            if n - first >= self.size:
                named[p] = f"*{n - first - self.size + 1}"
        for one, other in pairwise(exonic):
            gap = list(range(one + turn, other, turn))
            for n, p in enumerate(gap):
                up, down = n + 1, len(gap) - n
                named[p] = f"{named[one]}+{up}" if up <= down else f"{named[other]}-{down}"
        self.positions = sorted(named, key=lambda p: turn * p)
        self.names = [named[p] for p in self.positions]
        with pysam.FastaFile(str(fasta)) as bases:
            text = bases.fetch(self.contig, min(named) - 1, max(named)).upper()
        self.bases = text if turn > 0 else text[::-1].translate(TURN)
        kept = set(exonic)
        self.is_exonic = [p in kept for p in self.positions]
        self.first = self.names.index("1")

    def describe(self, pos: int, ref: str, alt: str) -> tuple[str, str | None]:
        """``c.`` and ``p.`` of a substitution, or of a deletion or insertion that shifts the frame or takes a codon."""
        coding, start, end, put = self._place(pos, ref, alt)
        return coding, self._protein(start, end, put)

    def coding(self, pos: int, ref: str, alt: str) -> str:
        """``c.`` of a substitution, a deletion or an insertion."""
        return self._place(pos, ref, alt)[0]

    def _place(self, pos: int, ref: str, alt: str) -> tuple[str, int, int, str]:
        if self.strand == "-":
            index = self.positions.index(pos + len(ref) - 1)
            ref, alt = ref[::-1].translate(TURN), alt[::-1].translate(TURN)
        else:
            index = self.positions.index(pos)
        after = self.bases[:index] + alt + self.bases[index + len(ref) :]
        if len(ref) == len(alt) == 1:
            return f"c.{self.names[index]}{ref}>{alt}", index, index + 1, alt
        size = abs(len(ref) - len(alt))
        if len(ref) > len(alt):
            start = max(s for s in range(len(self.bases) - size) if self.bases[:s] + self.bases[s + size :] == after)
            return f"c.{self._span(start, size)}del", start, start + size, ""
        start = max(s for s in range(len(self.bases)) if self.bases[:s] + after[s : s + size] + self.bases[s:] == after)
        put = after[start : start + size]
        if self.bases[start - size : start] == put:
            return f"c.{self._span(start - size, size)}dup", start, start, put
        return f"c.{self.names[start - 1]}_{self.names[start]}ins{put}", start, start, put

    def _span(self, start: int, size: int) -> str:
        return self.names[start] if size == 1 else f"{self.names[start]}_{self.names[start + size - 1]}"

    def _protein(self, start: int, end: int, put: str) -> str | None:
        if not self.is_exonic[start]:
            near = [n for n in range(start - 2, start + 3) if self.is_exonic[n]]
            return "p.?" if near else None
        coded = "".join(b for b, e in list(zip(self.bases, self.is_exonic, strict=True))[self.first :] if e)
        shift = sum(self.is_exonic[self.first : start])
        if start < self.first or shift >= self.size:
            return None
        made = coded[:shift] + put + coded[shift + end - start :]
        old, new = _translate(coded), _translate(made)
        if made[:3] != "ATG":
            return "p.(Met1?)"
        if old == new:
            return f"p.({THREE[old[shift // 3]]}{shift // 3 + 1}=)"
        at = next(n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b)
        was = f"{THREE[old[at]]}{at + 1}"
        if new[at] == "*":
            return f"p.({was}Ter)"
        if old[at] == "*":
            return f"p.({was}{THREE[new[at]]}extTer{len(new) - 1 - at})"
        if (len(put) - (end - start)) % 3:
            return f"p.({was}{THREE[new[at]]}fsTer{len(new) - at})"
        if len(old) == len(new):
            return f"p.({was}{THREE[new[at]]})"
        at = max(n for n in range(len(new)) if old[:n] + old[n + 1 :] == new)
        return f"p.({THREE[old[at]]}{at + 1}del)"


def _translate(bases: str) -> str:
    letters = "".join(CODONS[bases[n : n + 3]] for n in range(0, len(bases) - 2, 3))
    return letters[: letters.index("*") + 1]
