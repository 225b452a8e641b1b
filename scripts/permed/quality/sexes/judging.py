"""What the inferred sex chromosomes are held against a sample for: those of the sheet, and of its role in a family."""

from permed.pedigree import SEX_OF
from permed.quality.findings import Findings
from permed.quality.sexes.inferring import MAX_XY_HET
from permed.sexes import ONE_X_ALONE, declared_karyotype, differ_in_y, fits

FEW_HET = 4  # heterozygous genotypes on one X that a handful of errors makes, whatever the number of sites
_UNUSUAL = "confirm the karyotype in another way, or give it in the column karyotype of the sample sheet"
_SWAP = (
    "Ask the laboratory whether this sample was exchanged with another, and compare the sheet with the referral. "
    "A known karyotype goes into the column karyotype"
)


def judge_sex(row: dict, found: Findings) -> None:
    """Fail where sheet and genotypes surely differ in a Y, or show two X for XY; warn where the number of X differs.

    ``row`` has ``sex_reported``, perhaps ``karyotype`` (what is known of the person), what
    :func:`permed.quality.sexes.inferring.infer_sexes` gives, and ``x_het x_sites``.
    """
    reported, inferred, evidence = row["sex_reported"], row["sex_inferred"], row["sex_evidence"]
    known = declared_karyotype(row.get("karyotype"))
    if inferred == "NA":
        found.unknown.append(f"sex: {evidence}")
        if row["sex_unclear"]:
            found.warnings.append(f"sex_inferred is unclear ({evidence})")
    elif known and any(fits(one, inferred) for one in known):
        found.notes.append(f"karyotype {row['karyotype']}, as the sheet says, shows as {inferred} ({evidence})")
    elif known:
        differs = all(differ_in_y(one, inferred) for one in known)
        other = found.failures if differs else found.warnings
        other.append(
            f"sex_inferred {inferred} is not the karyotype {row['karyotype']} of the sheet ({evidence}). {_SWAP}"
        )
    elif reported in ("XX", "XY") and not fits(reported, inferred):
        other = found.failures if differ_in_y(inferred, reported) else found.warnings
        next_step = _SWAP if other is found.failures else f"If no samples were exchanged, {_UNUSUAL}"
        other.append(f"sex_inferred {inferred} is not sex_reported {reported} ({evidence}). {next_step}")
    elif inferred not in ("XX", "XY", ONE_X_ALONE):
        found.warnings.append(f"sex_inferred {inferred} is neither XX nor XY ({evidence}): {_UNUSUAL}")
    if inferred == ONE_X_ALONE:
        found.unknown.append(f"chrY: one X, X0 or XY ({evidence})")
    found.warnings += row["sex_notes"] or []
    if inferred in ("XY", ONE_X_ALONE) and row["x_het"] > max(FEW_HET, MAX_XY_HET * row["x_sites"]):
        share = f"{row['x_het']} of {row['x_sites']} genotypes on chrX outside the pseudoautosomal regions"
        whose = "in XY" if inferred == "XY" else "with one X"
        found.warnings.append(
            f"x_het_share {row['x_het'] / row['x_sites']:.3f} is above {MAX_XY_HET} {whose} ({share})"
        )


def judge_role(row: dict, role: str | None, found: Findings) -> None:
    """Fail where somebody whom the sheet names as a mother has a Y, or a father none, and the sheet gives no sex; warn
    where a mother has one X and chrY cannot be assessed."""
    inferred = row["sex_inferred"]
    if (
        role is None
        or inferred == "NA"
        or row["sex_reported"] in ("XX", "XY")
        or declared_karyotype(row.get("karyotype"))
    ):
        return
    if fits(SEX_OF[role], inferred) or (("Y" in inferred) == ("Y" in SEX_OF[role]) and inferred != ONE_X_ALONE):
        return
    says = f"sex_inferred {inferred} does not fit a {role}, as whom the pedigree names this sample"
    other = found.warnings if inferred == ONE_X_ALONE else found.failures
    other.append(f"{says} ({row['sex_evidence']})")
