"""Downloads from a catalogue of our own on this machine: whole, checked, kept, and one clear fault otherwise."""

import gzip
import hashlib
from pathlib import Path

import pytest

from download_score import download_score
from permed.downloads import digest, read_lock
from permed.errors import Fault
from permed.scores.catalogue import read_batches
from permed.scores.fetch import fetch_score

FOLDER = "/pub/databases/spot/pgs/scores"
NAME = "PGS000999_hmPOS_GRCh38.txt.gz"
PATH = f"{FOLDER}/PGS000999/ScoringFiles/Harmonized/{NAME}"
TABLE = "rsID\teffect_allele\teffect_weight\thm_chr\thm_pos\nrs1\tA\t0.5\t1\t100\n"
ABOVE = "#pgs_id=PGS000999\n#genome_build=NR\n#citation=Someone (2026)\n#license=Free\n#HmPOS_build={build}\n"
SCORE = gzip.compress((ABOVE.format(build="GRCh38") + TABLE).encode(), mtime=0)
MD5 = hashlib.md5(SCORE).hexdigest()


@pytest.fixture
def catalogue(server):
    """A catalogue that has one score and its MD5."""
    server.answers |= {PATH: SCORE, f"{PATH}.md5": f"{MD5}  {NAME}\n".encode()}
    server.address += FOLDER
    return server


@pytest.fixture
def fetch(catalogue, tmp_path):
    """Fetch the score; give the lock and the seconds that were waited."""
    waited = []

    def make(accession="PGS000999", build="GRCh38", address=None):
        to, lock = tmp_path / "catalog" / NAME, tmp_path / "catalog" / "PGS000999_hmPOS_GRCh38.json"
        return fetch_score(accession, build, address or catalogue.address, to, lock, waited.append)

    make.waited, make.folder = waited, tmp_path / "catalog"
    return make


def test_a_score_is_downloaded_whole_with_its_digests_and_kept(fetch, catalogue):
    lock = fetch()
    assert (fetch.folder / NAME).read_bytes() == SCORE
    assert lock == read_lock(fetch.folder / "PGS000999_hmPOS_GRCh38.json")
    assert (lock.md5, lock.sha256, lock.size) == (MD5, hashlib.sha256(SCORE).hexdigest(), len(SCORE))
    assert lock.address == f"http://127.0.0.1:{catalogue.server_port}{PATH}"
    assert sorted(path.name for path in fetch.folder.iterdir()) == ["PGS000999_hmPOS_GRCh38.json", NAME]
    assert catalogue.asked == [f"{PATH}.md5", PATH] and fetch.waited == []
    assert fetch() == lock and len(catalogue.asked) == 2
    (batch,) = read_batches([fetch.folder / NAME], "GRCh38", None, [lock])
    assert batch[1].select("score", "license", "citation", "address", "sha256").row(0) == (
        "PGS000999", "Free", "Someone (2026)", lock.address, lock.sha256,
    )  # fmt: skip


def test_a_file_that_was_changed_after_its_download_is_refused(fetch):
    lock = fetch()
    path = fetch.folder / NAME
    path.write_bytes(gzip.compress(gzip.decompress(SCORE).replace(b"0.5", b"5.0"), mtime=0))
    with pytest.raises(Fault, match="its SHA-256 has changed"):
        fetch()
    with pytest.raises(Fault, match="its SHA-256 has changed"):
        list(read_batches([path], "GRCh38", None, [lock]))


def test_where_the_catalogue_names_no_licence_its_terms_of_use_hold(fetch, catalogue, tmp_path):
    plain = gzip.compress(gzip.decompress(SCORE).replace(b"#license=Free\n", b""), mtime=0)
    catalogue.answers |= {PATH: plain, f"{PATH}.md5": 404}
    lock = fetch()
    (batch,) = read_batches([fetch.folder / NAME], "GRCh38", None, [lock])
    assert batch[1]["license"][0].startswith("terms of use of EMBL-EBI")
    (own,) = read_batches([fetch.folder / NAME], "GRCh38")
    assert own[1]["license"].to_list() == [None]


def test_another_address_is_asked_anew(fetch, catalogue):
    fetch()
    catalogue.answers |= {path.replace(FOLDER, "/mirror"): catalogue.answers[path] for path in (PATH, f"{PATH}.md5")}
    lock = fetch(address=catalogue.address.replace(FOLDER, "/mirror/"))
    assert "/mirror/PGS000999/" in lock.address and len(catalogue.asked) == 4


def test_errors_that_pass_are_tried_again(fetch, catalogue):
    cut = (len(SCORE), SCORE[:-7])
    catalogue.answers |= {PATH: [503, cut, SCORE]}
    assert fetch().size == len(SCORE)
    assert catalogue.asked == [f"{PATH}.md5", PATH, PATH, PATH] and fetch.waited == [1, 2]


def test_without_a_checksum_the_file_is_checked_by_what_it_holds(fetch, catalogue):
    del catalogue.answers[f"{PATH}.md5"]
    assert fetch().md5 is None


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({PATH: 404}, "there is no such file. Check the accession"),
        ({PATH: [500, 502, 503]}, "it cannot be downloaded: HTTP 503"),
        ({PATH: 403}, "it cannot be downloaded: HTTP 403"),
        ({f"{PATH}.md5": [500, 500, 500]}, r"\.md5: it cannot be downloaded: HTTP 500"),
        ({f"{PATH}.md5": b"<html>log in</html>"}, "what is served as its MD5 is none"),
        ({f"{PATH}.md5": b"0" * 32}, f"has the MD5 {MD5}, but .*md5 gives {'0' * 32}"),
        ({PATH: [(len(SCORE), SCORE[:9])] * 3}, "it cannot be downloaded: "),
        ({PATH: b"<!DOCTYPE html><title>Log in</title>", f"{PATH}.md5": 404}, "it is a web page and no scoring file"),
        ({PATH: SCORE[:-12], f"{PATH}.md5": 404}, "damaged or cut short"),
        ({PATH: b"plain", f"{PATH}.md5": 404}, "not compressed with gzip"),
        (
            {PATH: gzip.compress((ABOVE.format(build="GRCh37") + TABLE).encode()), f"{PATH}.md5": 404},
            "says that it is PGS000999, harmonised to GRCh37, and not PGS000999, harmonised to GRCh38",
        ),
        ({PATH: gzip.compress(TABLE.encode()), f"{PATH}.md5": 404}, "says that it is no accession"),
    ],
)
def test_a_download_that_fails_is_one_fault_and_leaves_nothing(fetch, catalogue, answers, message):
    catalogue.answers |= answers
    with pytest.raises(Fault, match=message) as caught:
        fetch()
    assert caught.value.remedy and caught.value.file.startswith(catalogue.address)
    assert not fetch.folder.exists() or list(fetch.folder.iterdir()) == []


def test_without_a_network_the_remedy_is_said(fetch):
    with pytest.raises(Fault, match=r"cannot be downloaded: .*refused.*HTTPS_PROXY.*scores\.files"):
        fetch(address="http://127.0.0.1:9/scores")
    assert fetch.waited == [1, 2]


def test_a_mirror_on_disk_and_the_step(tmp_path):
    folder = tmp_path / "mirror" / "PGS000999" / "ScoringFiles" / "Harmonized"
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(SCORE)
    to, lock = tmp_path / NAME, tmp_path / "lock.json"
    address = f"file://{tmp_path / 'mirror'}"
    download_score(score=to, lock=lock, accession="PGS000999", build="GRCh38", address=address)
    assert digest(to, "sha256") == read_lock(lock).sha256
    with pytest.raises(Fault, match="there is no such file"):
        download_score(score=to, lock=lock, accession="PGS000998", build="GRCh38", address=address)
    assert Path(to).read_bytes() == SCORE
