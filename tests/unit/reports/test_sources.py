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
