#!/usr/bin/env python3
"""Our scores against PageRank by scipy (written here, on a sparse matrix) and by networkx, on the same arcs.

    bench/rating/compare.py [GRAPHS]

GRAPHS is the folder with cnr-2000 and polblogs.gml, ../shared/data/graph unless given. Needs cargo and Python with
venv; numpy, scipy and networkx are installed into a folder that is removed afterwards, or taken from the Python that
OPENREFS_PYTHON names. Ends with status 1 if a score is off by more than 1e-6 of itself, if a rating differs whose value
is not within 1e-6 of a whole number, or if a rank is out of order.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    graphs = sys.argv[1] if len(sys.argv) > 1 else ROOT.parent / "shared/data/graph"
    with tempfile.TemporaryDirectory() as folder:
        python = os.environ.get("OPENREFS_PYTHON") or venv(pathlib.Path(folder) / "venv")
        example = ["cargo", "run", "-q", "--locked", "-p", "openrefs-rating", "--example", "compare_scores", "--"]
        subprocess.run([*example, folder, str(graphs)], cwd=ROOT, check=True)
        sys.exit(subprocess.run([python, __file__, "--judge", folder]).returncode)


def venv(folder):
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin/pip", "install", "-q", "numpy", "scipy", "networkx"], check=True)
    return folder / "bin/python"


def judge(folder):
    good = True
    for name in ["cnr-2000", "polblogs", "random"]:
        good &= judge_graph(pathlib.Path(folder), name)
    return good


def judge_graph(folder, name):
    import numpy as np

    arcs = np.loadtxt(folder / f"{name}.arcs", dtype=np.int64)
    ours, rating, rank = np.loadtxt(folder / f"{name}.scores", unpack=True)
    arcs = np.unique(arcs[arcs[:, 0] != arcs[:, 1]], axis=0)
    n = len(ours)
    theirs = by_scipy(n, arcs)
    off = np.max(np.abs(ours - theirs) / theirs)
    off_networkx = np.max(np.abs(ours - by_networkx(n, arcs)) / theirs)
    wrong = wrong_ratings(theirs, rating, arcs)
    # Ranks by our own scores: rounded to 12 digits, ties by number.
    rounded = np.array([float(f"{score:.11e}") for score in ours])
    order = np.lexsort((np.arange(n), -rounded))
    ranks = int(np.sum(rank[order] != np.arange(1, n + 1)))
    print(f"{name}: {n} nodes, {len(arcs)} arcs; largest relative difference {off:.1e} from scipy, "
          f"{off_networkx:.1e} from networkx; {wrong} ratings and {ranks} ranks differ; sum - 1 = {ours.sum() - 1:.1e}")
    if "--reference" in sys.argv and name == "cnr-2000":
        reference(theirs)
    return off <= 1e-6 and off_networkx <= 1e-6 and wrong == 0 and ranks == 0


def by_scipy(n, arcs):
    """Damping 0.85, uniform teleport, dangling mass uniform, until nothing moves in the fifteenth digit."""
    import numpy as np
    import scipy.sparse

    degree = np.bincount(arcs[:, 0], minlength=n)
    weight = 1.0 / degree[arcs[:, 0]]
    matrix = scipy.sparse.csr_matrix((weight, (arcs[:, 1], arcs[:, 0])), shape=(n, n))
    x = np.full(n, 1.0 / n)
    for _ in range(1000):
        new = 0.85 * (matrix @ x) + (0.15 + 0.85 * x[degree == 0].sum()) / n
        change = np.abs(new - x).sum()
        x = new
        if change < 1e-15:
            break
    return x


def by_networkx(n, arcs):
    import networkx
    import numpy as np

    graph = networkx.DiGraph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(map(tuple, arcs.tolist()))
    found = networkx.pagerank(graph, alpha=0.85, tol=1e-14 / n, max_iter=1000)
    return np.array([found[node] for node in range(n)])


def wrong_ratings(scores, rating, arcs):
    import numpy as np

    b, m = scores.min(), scores.max()
    value = 100 * np.log(scores / b) / np.log(m / b)
    linked = np.bincount(arcs[:, 1], minlength=len(scores)) > 0
    expected = np.where(linked, np.floor(np.round(value, 9)), 0)
    close = np.abs(value - np.round(value)) < 1e-6
    return int(np.sum((rating != expected) & ~close))


def reference(scores):
    """Constants for crates/openrefs-rating/tests/rating/cnr.rs: the strongest nodes, and some from all over."""
    order = scores.argsort()[::-1]
    for node in sorted([*order[:20], *order[20::40_000], order[-1]], key=lambda node: -scores[node]):
        print(f"    ({node}, {float(scores[node])!r}),")


if __name__ == "__main__":
    if "--judge" in sys.argv:
        sys.exit(not judge(sys.argv[2]))
    main()
