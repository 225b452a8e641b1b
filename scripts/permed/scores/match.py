"""Matching the variants of scores to the sites of the genotype store. Positions are 1-based.

A variant is matched by position and alleles, in this order: the effect allele is REF (``refalt``) or ALT (``altref``),
the same on the other strand (``refalt_flip``, ``altref_flip``), and by the effect allele alone where the other one is
not known (``no_oa_ref``, ``no_oa_alt``, ``no_oa_ref_flip``, ``no_oa_alt_flip``): the order of pgscatalog-match 1.0.
Only single bases are turned to the other strand, since an indel in VCF form is anchored on its left.
"""

from collections.abc import Callable

import polars as pl

USED = ["matched", "matched_flipped", "reference"]
SITE_LOG = {
    "class": pl.String,
    "match": pl.String,
    "dosage_of": pl.String,
    "row": pl.Int64,
    "siblings": pl.List(pl.Int64),
}
_ORDER = (
    "refalt altref refalt_flip altref_flip no_oa_ref no_oa_alt no_oa_ref_flip no_oa_alt_flip mono_ref mono_alt".split()
)
_BASES = ["A", "C", "G", "T"]


def match_contig(variants: pl.DataFrame, sites: pl.DataFrame) -> pl.DataFrame:
    """Match the scorable variants of one contig (columns of ``SCORE_SCHEMA``) to its sites (``pos ref alt``, a row a
    store row), adding the columns of :data:`SITE_LOG` and ``reason``.

    ``class`` is ``matched``, ``matched_flipped`` (on the other strand), ``ambiguous`` (A/T or C/G, whose strand nobody
    can tell), ``allele_mismatch`` (the position is there with other alleles), ``not_scorable`` or ``absent``.
    ``dosage_of`` says whether the effect allele is the site's ``ref`` or ``alt``, ``row`` is the row of ``sites``.
    At a position with several alternates only exact matches count, and none after an A/T or C/G alternate: the first
    row that matches or whose strand cannot be told decides. Where the effect allele is REF there, ``siblings`` are the
    rows of the other alternates, whose copies are no copies of REF. A site without an alternate (``.`` or null)
    matches a single base that is its REF.
    """
    variants = variants.with_row_index("_variant")
    here = _sites_at(sites, variants["pos"])
    ways = variants.join(here, on="pos", how="left").with_columns(match=_way())
    best = ways.sort("_variant", pl.col("match").cast(pl.Enum(_ORDER)), "row", nulls_last=True)
    best = best.unique("_variant", keep="first", maintain_order=True)
    palindromic = _turned("effect_allele") == pl.coalesce("other_allele", _turned("effect_allele"))
    palindromic &= pl.col("other_allele").is_not_null() | (_turned("ref") == pl.col("alt"))
    inexact = (pl.col("alternates") > 1) & ~pl.col("match").is_in(["refalt", "altref"])
    bent = (pl.col("siblings").list.len() > 0) & pl.col("match").eq("refalt") & (pl.col("effect_type") != "additive")
    several = "the site has several alternates: "
    verdict = (
        pl.when(pl.col("row").is_null())
        .then(_verdict("absent", "no record at this position"))
        .when(pl.col("match").is_null())
        .then(_verdict("allele_mismatch", pl.format("the site has {}>{}", "ref", pl.col("alt").fill_null("."))))
        .when(palindromic)
        .then(_verdict("ambiguous", "the alleles read the same on both strands"))
        .when(pl.col("after_palindrome"))
        .then(_verdict("ambiguous", f"{several}the alleles of an earlier one read the same on both strands"))
        .when(inexact)
        .then(_verdict("allele_mismatch", f"{several}only alleles that match exactly are used"))
        .when(bent)
        .then(_verdict("not_scorable", f"{several}dominant and recessive effects of REF need their joint genotype"))
        .when(pl.col("match").str.ends_with("flip"))
        .then(_verdict("matched_flipped", None))
        .otherwise(_verdict("matched", None))
    )
    of_ref = pl.col("match").str.contains("refalt|_ref")
    best = best.with_columns(verdict.alias("_verdict")).unnest("_verdict")
    used = pl.col("class").is_in(USED)
    best = best.with_columns(
        dosage_of=pl.when(used).then(pl.when(of_ref).then(pl.lit("ref")).otherwise(pl.lit("alt"))),
        siblings=pl.when(used & of_ref).then("siblings"),
    )
    log = [pl.col(name).cast(kind) for name, kind in SITE_LOG.items()]
    return best.sort("_variant").select(
        pl.exclude("_variant", *here.columns, *SITE_LOG, "reason"), "pos", *log, "reason"
    )


def leave_out(matches: pl.DataFrame, reasons: pl.Series) -> pl.DataFrame:
    """Take out the variants of one contig that match a site with a reason, a text or null for each of its rows."""
    unfit = reasons.alias("_unfit").to_frame().with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    joined = matches.join(unfit.drop_nulls(), on="row", how="left", maintain_order="left")
    here = pl.col("_unfit").is_not_null() & pl.col("class").is_in(USED)
    return joined.with_columns(
        pl.when(~here).then("dosage_of"),
        pl.when(~here).then("siblings"),
        pl.when(here).then(pl.lit("not_scorable")).otherwise("class").alias("class"),
        reason=pl.when(here).then(pl.format("quality control leaves the site out: {}", "_unfit")).otherwise("reason"),
    ).select(matches.columns)


def take_reference(
    matches: pl.DataFrame, bases: Callable[[int, int], str] | None, unknown: pl.DataFrame
) -> pl.DataFrame:
    """Where absent sites hold the reference, score those of one contig whose effect allele can be told from it.

    ``bases`` gives the reference from a start to an end (both included); without it nothing is known. ``unknown`` has
    the stretches ``pos end`` about which nothing may be assumed: sites set aside and those under a longer REF. The
    class becomes ``reference``, ``dosage_of`` the constant ``two`` (the effect allele is the reference) or ``none``.
    """
    absent = (pl.col("class") == "absent") & pl.col("reason").eq("no record at this position")
    rows = matches.with_row_index("_variant").filter(absent)
    if rows.is_empty():
        return matches
    ends = unknown.sort("pos").select("pos", reach=pl.col("end").cum_max())
    rows = rows.sort("pos").join_asof(ends, on="pos", strategy="backward")
    verdicts = [
        (number, *_constant(pos, effect, other, bases, reach))
        for number, pos, effect, other, reach in rows.select(
            "_variant", "pos", "effect_allele", "other_allele", "reach"
        ).iter_rows()
    ]
    schema = {"_variant": pl.UInt32, "_class": pl.String, "_of": pl.String, "_reason": pl.String}
    found = pl.DataFrame(verdicts, schema=schema, orient="row")
    joined = matches.with_row_index("_variant").join(found, on="_variant", how="left", maintain_order="left")
    here = pl.col("_class").is_not_null()
    return joined.with_columns(
        pl.coalesce("_class", "class").alias("class"),
        pl.coalesce("_of", "dosage_of").alias("dosage_of"),
        pl.when(here).then("_reason").otherwise("reason").alias("reason"),
    ).select(matches.columns)


def set_duplicates_aside(matches: pl.DataFrame) -> pl.DataFrame:
    """Keep the first of the rows of a score that say the same of one site; the others become ``duplicate``.

    Rows say the same when they match one site with one effect type, whichever allele they call the effect allele:
    such pairs come from variants that were merged, and their sum would count the site twice. Rows of different effect
    types (additive and dominant, or dominant and recessive) are parts of one model and are all kept.
    """
    alleles = pl.concat_list(pl.col("effect_allele"), pl.col("other_allele").fill_null(pl.col("effect_allele")))
    place = pl.when(pl.col("row").is_null()).then(
        pl.concat_str("pos", alleles.list.sort().list.join("/"), separator=":")
    )
    key = ["score", "contig", "effect_type", "row", "_place"]
    rows = matches.with_row_index("_variant")
    used = rows.filter(pl.col("class").is_in(USED)).with_columns(_place=place)
    first = used.group_by(key).agg(pl.col("line").first().alias("_first"), pl.len().alias("_times"))
    several = used.join(first.filter(pl.col("_times") > 1), on=key, how="inner", nulls_equal=True)
    again = several.filter(pl.col("line") != pl.col("_first")).select("_variant", "_first")
    rows = rows.join(again, on="_variant", how="left", maintain_order="left")
    twice = pl.col("_first").is_not_null()
    return rows.with_columns(
        pl.when(twice).then(pl.lit("duplicate")).otherwise("class").alias("class"),
        pl.when(twice).then(pl.format("the site is also on line {}", "_first")).otherwise("reason").alias("reason"),
    ).drop("_variant", "_first")


def summarise(matches: pl.DataFrame, min_match: float) -> pl.DataFrame:
    """A row a score, in order of appearance: how many of its variants are of which class, and whether it is ``found``.

    ``match_rate`` is the share of all its variants that enter the sum; a score below ``min_match``, or of which nothing
    matches, is ``not_assessable`` with its reason.
    """
    classes = ["ambiguous", "allele_mismatch", "absent", "not_scorable", "duplicate", "reference"]
    counts = matches.group_by("score", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("variants"),
        pl.col("class").is_in(USED).sum().cast(pl.Int64).alias("matched"),
        (pl.col("class") == "matched_flipped").sum().cast(pl.Int64).alias("flipped"),
        *((pl.col("class") == name).sum().cast(pl.Int64).alias(name) for name in classes),
    )
    lost = [
        pl.when(pl.col(name) > 0).then(pl.format("{} {}", name, pl.lit(name.replace("_", " ")))) for name in classes[:5]
    ]
    short = pl.format(
        "{} of {} variants match ({}), below {}: {}",
        "matched",
        "variants",
        pl.col("match_rate").round(4),
        pl.lit(min_match),
        pl.concat_str(lost, separator=", ", ignore_nulls=True),
    )
    enough = (pl.col("match_rate") >= min_match) & (pl.col("matched") > 0)
    return (
        counts.with_columns(match_rate=pl.col("matched") / pl.col("variants"))
        .with_columns(
            status=pl.when(enough).then(pl.lit("found")).otherwise(pl.lit("not_assessable")),
            reason=pl.when(pl.col("matched") == 0).then(pl.lit("no variant matches")).when(~enough).then(short),
        )
        .select(
            "score variants matched match_rate ambiguous flipped absent not_scorable status reason".split()
            + ["allele_mismatch", "duplicate", "reference"]
        )
    )


def long_sites(sites: pl.DataFrame) -> pl.DataFrame:
    """The stretches ``pos end`` under sites whose REF is longer than one base."""
    sizes = pl.col("ref").str.len_bytes().cast(pl.Int64)
    return sites.filter(sizes > 1).select("pos", end=pl.col("pos") + sizes - 1)


def _sites_at(sites: pl.DataFrame, positions: pl.Series) -> pl.DataFrame:
    """Sites at some positions with ``row``, the number of ``alternates`` at the position, whether an earlier row of it
    is A/T or C/G (``after_palindrome``) and ``siblings``; rows without an alternate give way to those with one."""
    sites = sites.select("pos", "ref", "alt").with_row_index("row").cast({"row": pl.Int64})
    here = sites.filter(pl.col("pos").is_in(positions.unique().implode()))
    here = here.with_columns(alt=pl.when(~pl.col("alt").is_in([".", ""])).then("alt"))
    here = here.with_columns(alternates=pl.col("alt").is_not_null().sum().over("pos"))
    here = here.filter(pl.col("alt").is_not_null() | (pl.col("alternates") == 0))
    palindrome = (_turned("ref") == pl.col("alt")).fill_null(False)
    earlier = palindrome.cast(pl.Int32).cum_sum() - palindrome.cast(pl.Int32)
    here = here.with_columns(after_palindrome=earlier.over("pos") > 0)
    single = (pl.col("ref").str.len_bytes() == 1) & (pl.col("alt").str.len_bytes() == 1)
    group = ["pos", "ref", single.fill_null(False).alias("_single")]
    together = here.group_by(group, maintain_order=True).agg("row", siblings="row").explode("row")
    others = together.select("row", siblings=pl.col("siblings").list.set_difference(pl.concat_list("row")).list.sort())
    return here.join(others, on="row", how="left")


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
    }
    return pl.coalesce(pl.when(ways[name]).then(pl.lit(name)) for name in _ORDER)


def _verdict(name: str, reason: str | pl.Expr | None) -> pl.Expr:
    reason = reason if isinstance(reason, pl.Expr) else pl.lit(reason, pl.String)
    return pl.struct(pl.lit(name).alias("class"), reason.alias("reason"))


def _constant(
    pos: int, effect: str, other: str | None, bases: Callable[[int, int], str] | None, reach: int | None
) -> tuple[str, str | None, str]:
    """Class, constant dosage and reason of a variant at a site that no file has."""
    if reach is not None and reach >= pos:
        return "absent", None, "under a record that was set aside, or under a longer REF"
    if bases is None:
        return "absent", None, "no record at this position, and no reference to tell its base"
    sizes = [len(effect), len(other or "")]
    sequence = bases(pos, pos + max(sizes) - 1)
    is_effect, is_other = sequence.startswith(effect), other is not None and sequence.startswith(other)
    if is_effect == is_other:
        return "absent", None, "no record at this position, and its alleles do not tell which is the reference"
    if sizes == [1, 1] and effect.translate(str.maketrans("ACGT", "TGCA")) == other:
        return "ambiguous", None, "the alleles read the same on both strands"
    return "reference", "two" if is_effect else "none", "no record at this position: taken for the reference"
