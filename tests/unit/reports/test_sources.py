"""What reports cite."""

import json

from permed.reports.evidence import read_sources


def test_an_annotation_database_is_cited_with_its_release_and_checksum(tmp_path):
    about = {"title": "ClinVar", "release": "2026-11-01", "licence": "public domain"}
    files = [{"name": f"part{n}.vcf.gz", "sha256": f"{n}" * 64} for n in range(5)]
    (tmp_path / "clinvar.json").write_text(json.dumps({**about, "files": files}))
    (cited,) = read_sources([tmp_path / "clinvar.json"])
    assert (cited["source"], cited["licence"]) == ("ClinVar", "public domain")
    assert cited["version"].startswith("2026-11-01 (part0.vcf.gz SHA-256 000000000000, ")
    assert "and 2 more files" in cited["version"]


def test_a_database_that_was_downloaded_is_cited_with_its_address(tmp_path):
    file = {"name": "a.vcf.gz", "sha256": "1" * 64, "address": "https://host/a.vcf.gz", "checked_by": None}
    about = {"title": "ClinVar", "release": None, "licence": "public domain", "files": [file]}
    (tmp_path / "clinvar.json").write_text(json.dumps(about))
    (cited,) = read_sources([tmp_path / "clinvar.json"])
    assert cited["version"] == "release not stated (a.vcf.gz SHA-256 111111111111 from https://host/a.vcf.gz)"
