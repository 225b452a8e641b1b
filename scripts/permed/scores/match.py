"""Matching the variants of scores to the sites of the genotype store. Positions are 1-based.

A variant is matched by position and alleles, in this order: the effect allele is REF (``refalt``) or ALT (``altref``),
the same on the other strand (``refalt_flip``, ``altref_flip``), and by the effect allele alone where the other one is
not known (``no_oa_ref``, ``no_oa_alt``, ``no_oa_ref_flip``, ``no_oa_alt_flip``): the order of pgscatalog-match 1.0.
Last come matches by REF: at a site without an alternate (``mono_ref``, ``mono_alt``), and where the effect allele is
REF and the other one is none of the site's alternates (``ref_only``): a called genotype says how many copies of REF
there are, whatever alternates somebody else of the cohort has.
Only single bases are turned to the other strand, since an indel in VCF form is anchored on its left.
"""

import polars as pl

from permed.scoring_files import TERM_TYPES

USED = ["matched", "matched_flipped", "reference"]
SITE_LOG = {
    "class": pl.String,
    "match": pl.String,
    "dosage_of": pl.String,
    "row": pl.Int64,
    "siblings": pl.List(pl.Int64),
}
BY_CHOICE = "left out on purpose: the alleles read the same on both strands"
BY_FREQUENCY = "the strand is told by the frequencies"
FAR = 0.15  # from one half, at which a frequency tells which allele it is of
_ORDER = (
    "refalt altref refalt_flip altref_flip no_oa_ref no_oa_alt no_oa_ref_flip no_oa_alt_flip mono_ref mono_alt ref_only"
).split()
_TURNED_WAYS = {
    "refalt": "altref_flip",
    "altref": "refalt_flip",
    "refalt_flip": "altref",
    "altref_flip": "refalt",
    "no_oa_ref": "no_oa_alt_flip",
    "no_oa_alt": "no_oa_ref_flip",
    "no_oa_ref_flip": "no_oa_alt",
    "no_oa_alt_flip": "no_oa_ref",
}
_BASES = ["A", "C", "G", "T"]


def match_contig(variants: pl.DataFrame, sites: pl.DataFrame) -> pl.DataFrame:
    """Match the scorable variants of one contig (columns of ``SCORE_SCHEMA``) to its sites (``pos ref alt``, a row a
    store row), adding the columns of :data:`SITE_LOG` and ``reason``.

    ``class`` is ``matched``, ``matched_flipped`` (on the other strand), ``ambiguous`` (A/T or C/G, whose strand nobody
    can tell), ``allele_mismatch`` (the position is there with other alleles), ``poor_quality``, ``not_scorable`` or
    ``absent``. ``dosage_of`` says whether the effect allele is the site's ``ref`` or ``alt``, ``row`` is the row of
    ``sites``. At a position with several alternates only exact matches count. Where the effect allele is REF there,
    ``siblings`` are the rows of the other alternates, whose copies are no copies of REF. A site without an alternate
    (``.`` or null) matches a single base that is its REF.

    Optional columns of ``sites``: ``left_out`` says why a site is of poor quality, else null; ``af`` is the frequency
    of its alternate. With it, and with the file's ``frequency``, the strand of an A/T or C/G variant is told where both
    are at least :data:`FAR` from one half.
    """
    variants = variants.with_row_index("_variant")
    here = _sites_at(sites, variants["pos"])
    ways = variants.join(here, on="pos", how="left").with_columns(match=_way())
    several = pl.col("_variant").is_duplicated()
    best = ways.filter(several).sort("_variant", pl.col("match").cast(pl.Enum(_ORDER)), "row", nulls_last=True)
    best = pl.concat([ways.filter(~several), best.unique("_variant", keep="first", maintain_order=True)])
    palindromic = _turned("effect_allele") == pl.coalesce("other_allele", _turned("effect_allele"))
    palindromic &= pl.col("other_allele").is_not_null() | (_turned("ref") == pl.col("alt"))
    best = _tell_strand(best.with_columns(palindromic=palindromic.fill_null(False)))
    inexact = (pl.col("alternates") > 1) & ~pl.col("match").is_in(["refalt", "altref", "ref_only"])
    bent = (pl.col("siblings").list.len() > 0) & pl.col("match").is_in(["refalt", "ref_only"])
    bent &= ~pl.col("effect_type").is_in(["additive", *TERM_TYPES])
    alternates = "the site has several alternates: "
    bent_reason = f"{alternates}an effect of REF that is not additive needs their joint genotype"
    told = pl.when(pl.col("palindromic")).then(pl.lit(BY_FREQUENCY))
    verdict = (
        pl.when(pl.col("row").is_null())
        .then(_verdict("absent", "no record at this position"))
        .when(pl.col("match").is_null())
        .then(_verdict("allele_mismatch", pl.format("the site has {}>{}", "ref", pl.col("alt").fill_null("."))))
        .when(pl.col("left_out").is_not_null())
        .then(_verdict("poor_quality", pl.col("left_out")))
        .when(pl.col("palindromic") & ~pl.col("told").fill_null(False))
        .then(_verdict("ambiguous", pl.concat_str(pl.lit(BY_CHOICE), pl.col("untold").fill_null(""))))
        .when(inexact)
        .then(_verdict("allele_mismatch", f"{alternates}only alleles that match exactly are used"))
        .when(bent)
        .then(_verdict("not_scorable", bent_reason))
        .when(pl.col("match").str.ends_with("flip"))
        .then(_verdict("matched_flipped", told))
        .otherwise(_verdict("matched", told))
    )
    of_ref = pl.col("match").str.contains("refalt|_ref|ref_only")
    best = best.with_columns(verdict.alias("_verdict")).unnest("_verdict")
    used = pl.col("class").is_in(USED)
    best = best.with_columns(
        dosage_of=pl.when(used).then(pl.when(of_ref).then(pl.lit("ref")).otherwise(pl.lit("alt"))),
        siblings=pl.when(used & of_ref).then("siblings"),
    )
    log = [pl.col(name).cast(kind) for name, kind in SITE_LOG.items()]
    own = [name for name in variants.columns if name not in ("_variant", *SITE_LOG, "reason")]
    return best.sort("_variant").select(*own, *log, "reason")


def _sites_at(sites: pl.DataFrame, positions: pl.Series) -> pl.DataFrame:
    """Sites at some positions with ``row``, the number of ``alternates`` at the position and ``siblings``; rows without
    an alternate give way to those with one. A site is of poor quality where one of its siblings is."""
    for name, kind in (("left_out", pl.String), ("af", pl.Float64)):
        if name not in sites.columns:
            sites = sites.with_columns(pl.lit(None, kind).alias(name))
    sites = sites.select("pos", "ref", "alt", "left_out", "af").with_row_index("row").cast({"row": pl.Int64})
    here = sites.filter(pl.col("pos").is_in(positions.unique().implode()))
    here = here.with_columns(alt=pl.when(~pl.col("alt").is_in([".", ""])).then("alt"))
    here = here.with_columns(alternates=pl.col("alt").is_not_null().sum().over("pos"))
    here = here.filter(pl.col("alt").is_not_null() | (pl.col("alternates") == 0))
    single = (pl.col("ref").str.len_bytes() == 1) & (pl.col("alt").str.len_bytes() == 1)
    group = ["pos", "ref", single.fill_null(False).alias("_single")]
    together = here.group_by(group, maintain_order=True).agg(
        "row", siblings="row", left_out=pl.col("left_out").drop_nulls().first()
    )
    together = together.explode("row").with_columns(
        siblings=pl.col("siblings").list.set_difference(pl.concat_list("row")).list.sort()
    )
    return here.drop("left_out").join(together.select("row", "siblings", "left_out"), on="row", how="left")


def _tell_strand(best: pl.DataFrame) -> pl.DataFrame:
    """Add whether the frequencies tell the strand of an A/T or C/G variant (``told``), else what hinders (``untold``),
    and turn the way of matching where they tell the other strand."""
    of_ref = pl.col("match").str.contains("refalt|_ref|ref_only")
    given = pl.col("frequency")
    here = pl.when(of_ref).then(1 - pl.col("af")).otherwise("af")
    told = ((given - 0.5).abs() >= FAR) & ((here - 0.5).abs() >= FAR) & (pl.col("alternates") == 1)
    told &= pl.col("palindromic")
    turn = told & ((given > 0.5) != (here > 0.5))
    untold = (
        pl.when(pl.col("af").is_null() | ~pl.col("palindromic"))
        .then(pl.lit(None, pl.String))
        .when(given.is_null())
        .then(pl.lit("; the file gives no frequency"))
        .otherwise(pl.format("; the frequencies {} and {} do not tell it", given.round(3), here.round(3)))
    )
    return best.with_columns(
        told=told,
        untold=untold,
        match=pl.when(turn).then(pl.col("match").replace(_TURNED_WAYS)).otherwise("match"),
    )


def _turned(name: str) -> pl.Expr:
    """A single base as read on the other strand; null for longer alleles."""
    return pl.col(name).replace_strict(_BASES, _BASES[::-1], default=None, return_dtype=pl.String)


def _way() -> pl.Expr:
    effect, other, ref, alt = (pl.col(name) for name in ("effect_allele", "other_allele", "ref", "alt"))
    turned, other_turned = _turned("effect_allele"), _turned("other_allele")
    single = (effect.str.len_bytes() == 1) & (other.fill_null("A").str.len_bytes() == 1)
    mono = alt.is_null() & single & (ref.str.len_bytes() == 1)
    ways = {
        "refalt": (effect == ref) & (other == alt),
        "altref": (effect == alt) & (other == ref),
        "refalt_flip": (turned == ref) & (other_turned == alt),
        "altref_flip": (turned == alt) & (other_turned == ref),
        "no_oa_ref": other.is_null() & alt.is_not_null() & (effect == ref),
        "no_oa_alt": other.is_null() & (effect == alt),
        "no_oa_ref_flip": other.is_null() & alt.is_not_null() & (turned == ref),
        "no_oa_alt_flip": other.is_null() & (turned == alt),
        "mono_ref": mono & (effect == ref),
        "mono_alt": mono & (other == ref),
        "ref_only": other.is_not_null() & single & (alt.str.len_bytes() == 1) & (effect == ref) & (turned != other),
    }
    return pl.coalesce(pl.when(ways[name]).then(pl.lit(name)) for name in _ORDER)


def _verdict(name: str, reason: str | pl.Expr | None) -> pl.Expr:
    reason = reason if isinstance(reason, pl.Expr) else pl.lit(reason, pl.String)
    return pl.struct(pl.lit(name).alias("class"), reason.alias("reason"))
