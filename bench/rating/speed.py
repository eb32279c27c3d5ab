#!/usr/bin/env python3
"""PageRank a round: ours, that of webgraph-algo, and scipy's sparse matrix product, on one graph, in one run.

    bench/rating/speed.py [NODES [REPEATS]]

The graph is made by the example `speed`; 5,500,000 nodes (52 M arcs) unless told otherwise. Engines take turns, REPEATS
times (3), and the run with the least processor time a round is kept, as other work on the machine only ever adds. Adds a
line of JSON for each to bench/results/rating.jsonl. `round_s` is wall time, `round_cpu_s` the processor time of all
threads; `load` is what the machine's queue held when the run ended. Needs Linux, cargo and Python with venv; numpy and
scipy are installed into a folder that is removed afterwards, or taken from the Python that OPENREFS_PYTHON names.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench/results/rating.jsonl"


def main():
    nodes = sys.argv[1] if len(sys.argv) > 1 else "5500000"
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory() as folder:
        python = os.environ.get("OPENREFS_PYTHON") or venv(pathlib.Path(folder) / "venv")
        ours, webgraph = build()
        subprocess.run([ours, "make", folder, nodes], check=True)
        engines = {
            ("openrefs", 1): [ours, "run", folder, "1"],
            ("openrefs", 2): [ours, "run", folder, "2"],
            ("webgraph-algo 0.7.0", 1): [webgraph, folder, "1"],
            ("webgraph-algo 0.7.0", 2): [webgraph, folder, "2"],
            ("scipy csr float64", 1): [python, __file__, "--scipy", folder],
        }
        best = {}
        for _ in range(repeats):
            for engine, command in engines.items():
                line = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                line["load"] = round(os.getloadavg()[0], 1)
                if engine not in best or line["round_cpu_s"] < best[engine]["round_cpu_s"]:
                    best[engine] = line
    report(best, f"bench/rating/speed.py {nodes} {repeats}")


def venv(folder):
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin/pip", "install", "-q", "numpy", "scipy"], check=True)
    return folder / "bin/python"


def build():
    """Builds ours and webgraph's; the paths of both programs."""
    targets = []
    for folder, arguments in [(ROOT, ["--locked", "-p", "openrefs-rating", "--example", "speed"]),
                              (ROOT / "bench/rating/webgraph", [])]:
        messages = subprocess.run(["cargo", "build", "-q", "--release", "--message-format=json", *arguments],
                                  cwd=folder, check=True, capture_output=True, text=True).stdout
        programs = [json.loads(line).get("executable") for line in messages.splitlines()]
        targets.append([program for program in programs if program][-1])
    return targets


def report(best, command):
    commit = git("rev-parse", "--short", "HEAD")
    changed = git("status", "--porcelain", "--", ".", ":!bench/results") != ""
    tops = {line["top"] for line in best.values()}
    assert len(tops) == 1, f"engines disagree on the strongest node: {tops}"
    with open(RESULTS, "a") as results:
        for (engine, threads), line in best.items():
            line["arcs_per_s_round"] = round(line["arcs"] / line["round_s"])
            line["arcs_per_cpu_s_round"] = round(line["arcs"] / line["round_cpu_s"])
            line["bound_mb"] = (8 * line["arcs"] + 24 * line["nodes"]) // 1_000_000
            row = {"bench": "rating", "engine": engine, "threads": threads, "commit": commit, "changed": changed,
                   "cores": os.cpu_count(), **line, "command": command}
            results.write(json.dumps(row) + "\n")
            print(f"{engine}, {threads} threads: {line['round_s']} s a round ({line['round_cpu_s']} s of processor time), "
                  f"{line['arcs_per_cpu_s_round'] / 1e6:.0f} M arcs a processor second, {line['rounds']} rounds, "
                  f"peak {line['peak_mb']} MB, load {line['load']}")


def git(*arguments):
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def by_scipy(folder):
    """The whole iteration; a round's time is that of the matrix product alone, the least that scipy can do."""
    import numpy as np
    import scipy.sparse

    start = time.perf_counter()
    in_degrees = np.fromfile(f"{folder}/in_degrees.u32", dtype="<u4")
    sources = np.fromfile(f"{folder}/sources.u32", dtype="<i4")
    n = len(in_degrees)
    out_degrees = np.bincount(sources, minlength=n)
    ends = np.concatenate([[0], np.cumsum(in_degrees, dtype=np.int64)]).astype(np.int32)
    matrix = scipy.sparse.csr_matrix((1.0 / out_degrees[sources], sources, ends), shape=(n, n))
    dangling = out_degrees == 0
    built = time.perf_counter()
    x, rounds, change, walls, cpus = np.full(n, 1 / n), 0, 1, [], []
    while change >= 1e-10 and rounds < 200:
        wall, cpu = time.perf_counter(), time.process_time()
        product = matrix @ x
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        new = 0.85 * product + (0.15 + 0.85 * x[dangling].sum()) / n
        change = np.abs(new - x).sum()
        x, rounds = new, rounds + 1
    peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
    print(json.dumps({
        "nodes": n, "arcs": len(sources), "round_s": round(float(np.median(walls)), 4),
        "round_cpu_s": round(float(np.mean(cpus)), 4), "rounds": rounds,
        "total_s": round(time.perf_counter() - built, 2), "build_s": round(built - start, 2),
        "peak_mb": int(peak.split()[1]) * 1024 // 1_000_000, "top": int(x.argmax()),
    }))


if __name__ == "__main__":
    if "--scipy" in sys.argv:
        by_scipy(sys.argv[2])
    else:
        main()
