"""The byte that goes with a genotype: FORMAT/OBS of the normalised records, ``{contig}.observed`` of the store.

The low four bits are a code of doubt, :data:`BELIEVED` or one of :data:`REASONS`. :data:`FIRST_OTHER` and
:data:`SECOND_OTHER` say that the first or second copy, which the record writes as 0, is neither REF nor the record's
alternate but an allele of the site that no record has: ``*``, ``<NON_REF>``, a symbolic one, one set aside.
:data:`UNLISTED`, in the store alone, says of a missing genotype that no file of the person has the record.
"""

FIELD = "OBS"
DEFINITION = (
    f'##FORMAT=<ID={FIELD},Number=1,Type=Integer,Description="Why the genotype is not believed (low 4 bits), '
    'and which copies are alleles that no record has (16, 32)"'
)
MERGED = "OBSM"
MERGED_DEFINITION = (  # in the header alone
    f'##FORMAT=<ID={MERGED},Number=1,Type=Integer,Description="Files of several people were merged: a genotype that is '
    f'missing and of which {FIELD} says nothing is in no file of the person"'
)
BELIEVED = 0
NO_READS, LOW_QUALITY, LOW_DEPTH, GENOTYPE_FILTER, SITE_FILTER, CONTRADICTED, UNREADABLE, PART, LOW_PROBABILITY = range(
    1, 10
)
PARTLY = 11  # of a position of a definition alone: no record says it of its own genotype
# Of a position of a definition too, where the sex is known; ONE_ALLELE also of a file on contigs of which all have two.
TWO_ALLELES, ONE_ALLELE = 12, 13
DOUBT = 0x0F
FIRST_OTHER, SECOND_OTHER = 0x10, 0x20
UNLISTED = 0x40
REASONS = {
    NO_READS: "no reads",
    LOW_QUALITY: "a low genotype quality",
    LOW_DEPTH: "few reads",
    GENOTYPE_FILTER: "a failed filter of the genotype",
    SITE_FILTER: "a failed filter of the site",
    CONTRADICTED: "reads that contradict the genotype",
    UNREADABLE: "a genotype that cannot be read",
    PART: "another record of the site that is unknown",
    LOW_PROBABILITY: "a low probability of the genotype",
    PARTLY: "only the base before the change",
    TWO_ALLELES: "two alleles where one copy is expected",
    ONE_ALLELE: "one allele where two copies are expected",
}
NAMES = {
    NO_READS: "no_reads",
    LOW_QUALITY: "low_quality",
    LOW_DEPTH: "low_depth",
    GENOTYPE_FILTER: "genotype_filter",
    SITE_FILTER: "site_filter",
    CONTRADICTED: "contradicted",
    UNREADABLE: "unreadable",
    PART: "part_unknown",
    LOW_PROBABILITY: "low_probability",
    PARTLY: "partly",
    ONE_ALLELE: "one_allele",
}
SPLIT_MARKS = ("OLD_MULTIALLELIC", "splitFromMultiAllelic", "VCF_MULTIALLELIC_SRC")  # INFO of rows split by other tools
