"""What tests share: the reference data beside the checkout, if it is there, and small VCF files."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

# A property holds or does not, however busy the machine is.
settings.register_profile("permed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("permed")

# Of the results, faults name what users read, and what they have to delete: downloads, and what was damaged since.
KEPT = ("samples/", "cohort/", "scores/catalog/", "annotation/downloads/")
DAMAGED = ". Delete it"


def ours_in(line: str, outdir: str = "results", given: str = "") -> list[str]:
    """Our own intermediate files that a line names, which must be none; paths of the text ``given`` are the user's."""
    if DAMAGED in line:
        return []
    words = [word.strip(".,:;()'\"") for word in line.split()]
    named = [(word, word.partition(f"{outdir}/")[2]) for word in words if f"{outdir}/" in word]
    return [word for word, path in named if not path.startswith(KEPT) and word not in given]


@pytest.fixture(autouse=True)
def named_by_user(monkeypatch):
    """Every fault that a test brings about in this process names what the user has and can mend.

    Gives the texts in which the user named files: a test adds its configuration where that names some of the results.
    """
    from permed.errors import Fault
    from permed.taken import in_users_words

    texts: list[str] = []
    made, usual = [], Fault.__post_init__
    monkeypatch.setattr(Fault, "__post_init__", lambda fault: (usual(fault), made.append(fault))[0])
    yield texts
    shown = [str(in_users_words(fault)) for fault in [*made]]
    assert [line for line in shown if ours_in(line, given="".join(texts))] == []


@pytest.fixture(scope="session")
def ours_named():
    """The function that finds our own intermediate files in a line."""
    return ours_in


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Reference data that is not part of the project; tests that need it are skipped where it is absent."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder ../shared with real and reference data is not here")
    return folder


@pytest.fixture
def make_vcf(tmp_path):
    """Write a bgzipped, indexed VCF from rows of ``contig pos ref alt genotype…`` and give its path."""
    import pysam

    def make(rows, samples=("S1",), contigs=(("chr1", 248956422),), name="cohort.vcf.gz", formats="GT", index=True):
        plain = tmp_path / name.removesuffix(".gz")
        lines = ["##fileformat=VCFv4.2", '##FILTER=<ID=PASS,Description="All filters passed">']
        lines += [f"##contig=<ID={n},length={length}>" for n, length in contigs]
        lines += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
        lines += ['##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">']
        depths = {"DP": "1,Type=Integer", "AD": "R,Type=Integer"}
        named = [name for name in depths if name in formats.split(":")]
        lines += [f'##FORMAT=<ID={name},Number={depths[name]},Description="Reads">' for name in named]
        lines += ["\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples])]
        for contig, pos, ref, alt, *genotypes in rows:
            lines.append("\t".join([contig, str(pos), ".", ref, alt, ".", "PASS", ".", formats, *genotypes]))
        plain.write_text("\n".join(lines) + "\n")
        if not name.endswith(".gz"):
            return plain
        pysam.tabix_compress(str(plain), str(tmp_path / name), force=True)
        plain.unlink()
        if index:
            pysam.tabix_index(str(tmp_path / name), preset="vcf", force=True)
        return tmp_path / name

    return make


@pytest.fixture
def server():
    """A server on this machine of ``answers`` by path; ``asked`` are the paths that were asked for.

    An answer is what to send; a status; a pair of the length that is claimed and what is sent; a function of the
    request's headers that gives status, headers and what is sent; or a list of such, for one request after the other.
    """
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            answer = self.server.answers.get(self.path, 404)
            answer = answer.pop(0) if isinstance(answer, list) else answer
            if isinstance(answer, int):
                return self.send_error(answer)
            status, headers = 200, {}
            if callable(answer):
                status, headers, answer = answer(self.headers)
            size, body = answer if isinstance(answer, tuple) else (len(answer), answer)
            self.send_response(status)
            for name, value in {"Content-Length": str(size), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.answers, server.asked = {}, []
    server.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def run_step(root):
    """Load the function of a step from its script, by name."""
    import importlib.util

    def load(name: str):
        spec = importlib.util.spec_from_file_location(f"step_{name}", root / "scripts" / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return getattr(module, name)

    return load


@pytest.fixture(scope="session")
def spelled(root):
    """The class that finds HGVS by brute force."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("spelled", root / "tests" / "spelled.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Spelled


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what runs the workflow, the demo's one run aside, and keep together what shares fixtures.

    Together, when tests run in parallel, are a stage's tests, and those of the demo's one run.
    """
    for item in items:
        runs = {"snakemake", "in_process"} & set(item.fixturenames)
        if runs and "demo" not in item.fixturenames:
            item.add_marker(pytest.mark.slow)
        group = item.path if item.path.is_relative_to(ROOT / "tests" / "workflow") else item.path.parent
        item.add_marker(pytest.mark.xdist_group("demo" if "demo" in item.fixturenames else str(group)))


LEFT = pytest.StashKey[int]()


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Count what ``make test`` leaves for ``make test-all``."""
    for item in items:
        item.config.stash[LEFT] = item.config.stash.get(LEFT, 0) + ("slow" in item.keywords)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that prints, where tests run in parallel, what this one left: each of them collects all."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left"] = session.config.stash.get(LEFT, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error) -> None:
    """Take over what a process that ran tests left."""
    node.config.stash[LEFT] = getattr(node, "workeroutput", {}).get("left", 0)


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    """Name how many tests were left out."""
    if left := config.stash.get(LEFT, 0):
        terminalreporter.write_line(f"{left} slow tests were left out: make test-all runs them too")
