"""The same build and the same requests on other engines, each with the layout that its manual recommends.

    engines.py build ENGINE --rows-dir DIR --work DIR      build, then stop; a line of JSON for each phase
    engines.py query ENGINE --work DIR --targets FILE --answers FILE
    engines.py size --index DIR                            of the tables of an openrefs index, from its manifest
    engines.py record --results FILE --run ID --size N     adds the facts of the run to lines from standard input
    engines.py table --results FILE --run ID               medians and ratios of a run

ENGINE is duckdb, clickhouse or postgres; the modules beside this file say how each is used. What every engine must do:
read the neutral rows, fold the rows of one identity, keep them sorted by the whole identity, make the roll-ups `host` and
`tree` with one row per scope and referring domain, and the totals of these scopes. Two threads, 4 GB. A query is one
statement that gives the rows and the totals. Before anything is measured, every answer is compared with that of openrefs;
the first difference ends the run.
"""

import argparse
import importlib
import json
import os
import resource
import subprocess
import sys
import time

THREADS = 2
MEMORY = int(os.environ.get("BENCH_MEMORY", 4 << 30))
# The same rules as openrefs-bench's query: see query.rs.
TIMES, TIMES_MIN, CLASS_SECONDS = 100, 5, 20.0


def module(engine):
    return importlib.import_module(f"sql_{engine}")


def peak_rss():
    """Of this process, bytes. A server's own memory is told by its module."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def tell(**line):
    print(json.dumps(line), flush=True)


def words(text):
    print(text, file=sys.stderr, flush=True)


def suffixes(rows_dir):
    """Reversed public suffixes of two labels among the rows, `uk,co`."""
    with open(os.path.join(rows_dir, "universe.json")) as file:
        return [s for s in json.load(file)["suffixes"] if "," in s]


def build(arguments):
    engine = module(arguments.engine).Engine(arguments.work, MEMORY, THREADS)
    rows_dir = os.path.abspath(arguments.rows_dir)
    total = 0.0
    for phase, act in engine.phases(rows_dir, suffixes(rows_dir), arguments.ratings):
        words(f"{arguments.engine}: {phase} ...")
        start = time.monotonic()
        act()
        seconds = time.monotonic() - start
        total += seconds
        words(f"{arguments.engine}: {phase} took {seconds:.1f} s")
        tell(engine=arguments.engine, phase=phase, seconds=round(seconds, 3), peak_rss=engine.peak_rss() or peak_rss())
    rows, size = engine.links_size()
    tell(
        engine=arguments.engine, phase="build", rows=rows, seconds=round(total, 3), links_bytes=size,
        bytes_per_backlink=round(size / rows, 2), peak_rss=engine.peak_rss() or peak_rss(),
    )
    engine.close()


def quantile(ordered, share):
    return ordered[round((len(ordered) - 1) * share)]


def same(request, ours, theirs):
    """Ends the run at the first difference."""
    if ours["totals"] != list(theirs[0]):
        sys.exit(f"request {request['id']} {request['class']} {request['key']}: totals {ours['totals']}, not {theirs[0]}")
    for number, (a, b) in enumerate(zip(ours["rows"], theirs[1])):
        if a != list(b):
            sys.exit(f"request {request['id']} {request['class']} {request['key']}: row {number} is {a}, not {list(b)}")
    if len(ours["rows"]) != len(theirs[1]):
        sys.exit(f"request {request['id']} {request['class']} {request['key']}: {len(ours['rows'])} rows, not {len(theirs[1])}")


def query(arguments):
    engine = module(arguments.engine).Engine(arguments.work, MEMORY, THREADS, ratings=bool(arguments.ratings))
    with open(arguments.targets) as targets, open(arguments.answers) as answers:
        pairs = [(json.loads(t), json.loads(a)) for t, a in zip(targets, answers, strict=True)]
    classes = {}
    start = time.monotonic()
    for request, ours in pairs:
        ask = engine.prepare(request)
        same(request, ours, engine.read(ask()))
        classes.setdefault(f"{request['class']}/{request['kind']}", []).append(ask)
    words(f"{arguments.engine}: {len(pairs)} answers agree, {time.monotonic() - start:.1f} s")
    for name, asks in sorted(classes.items()):
        times = sorted(measure(asks))
        tell(
            engine=arguments.engine, phase="query", **{"class": name}, asked=len(times),
            p50_ms=round(quantile(times, 0.5), 4), p99_ms=round(quantile(times, 0.99), 4),
            peak_rss=engine.peak_rss() or peak_rss(),
        )
    engine.close()


def measure(asks):
    start = time.monotonic()
    times = []
    for number in range(max(TIMES // len(asks), 3)):
        for ask in asks:
            asked = time.perf_counter()
            ask()
            times.append((time.perf_counter() - asked) * 1e3)
            late = time.monotonic() - start > CLASS_SECONDS
            if late and len(times) >= TIMES_MIN and (number > 0 or len(asks) == 1):
                return times
    return times


def size(arguments):
    """Rows and bytes of each table of the published snapshot of an openrefs index."""
    with open(os.path.join(arguments.index, "CURRENT")) as current:
        manifest = os.path.join(arguments.index, "snapshots", f"{current.read().split()[0]}.json")
    tables = {}
    with open(manifest) as file:
        for entry in json.load(file)["files"]:
            rows, size = tables.get(entry["table"], (0, 0))
            tables[entry["table"]] = rows + entry["rows"], size + entry["bytes"]
    rows, links = tables["links"]
    tell(engine="openrefs", phase="size", rows=rows, links_bytes=links, bytes_per_backlink=round(links / rows, 2), tables=tables)


def record(arguments):
    """Adds commit, size and command, and keeps the lines."""
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    changed = subprocess.run(["git", "diff", "--quiet", "HEAD", "--", ".", ":!bench/results"], check=False).returncode != 0
    with open(arguments.results, "a") as results:
        for text in sys.stdin:
            line = json.loads(text)
            line.update(
                bench="links", run=arguments.run, size=arguments.size, commit=commit, changed=changed,
                cores=os.cpu_count(), command=f"bench/links/run {arguments.size}",
            )
            if arguments.step:
                line["phase"] = arguments.step
            results.write(json.dumps(line) + "\n")


def table(arguments):
    with open(arguments.results) as results:
        lines = [line for line in map(json.loads, results) if line.get("run") == arguments.run]
    engines = list(dict.fromkeys(line["engine"] for line in lines))
    figures = {}
    for line in lines:
        engine, phase = line["engine"], line["phase"]
        if phase == "query":
            figures[line["class"] + " p50 ms", engine] = line["p50_ms"]
            figures[line["class"] + " p99 ms", engine] = line["p99_ms"]
            continue
        if "seconds" in line:
            figures[phase + " s", engine] = line["seconds"]
        if "bytes_per_backlink" in line:
            figures["bytes per backlink", engine] = line["bytes_per_backlink"]
        # An engine's whole build is one line; ours is two processes.
        for suffix in ["", " of a tenth more", " of all anew"]:
            if engine == "openrefs" and phase in ("stage" + suffix, "merge" + suffix):
                whole = "build" + suffix + " s", engine
                figures[whole] = round(figures.get(whole, 0) + line["seconds"], 3)
        if phase in ("build", "stage", "merge"):
            peak = "peak MB of build", engine
            figures[peak] = max(figures.get(peak, 0), round(line["peak_rss"] / 1e6))
    print(f"{'':36}" + "".join(f"{engine:>26}" for engine in engines))
    for name in dict.fromkeys(name for name, _ in figures):
        own = figures.get((name, "openrefs"))
        cells = ""
        for engine in engines:
            value = figures.get((name, engine))
            ratio = f" ({value / own:.2f}x)" if value and own and engine != "openrefs" else ""
            cells += f"{('' if value is None else f'{value:g}') + ratio:>26}"
        print(f"{name:36}{cells}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, act in [("build", build), ("query", query)]:
        command = commands.add_parser(name)
        command.set_defaults(act=act)
        command.add_argument("engine", choices=["duckdb", "clickhouse", "postgres"])
        command.add_argument("--work", required=True)
        # Parquet with the columns domain and rating; without it every rating is 0.
        command.add_argument("--ratings", default="")
        for option in ["--rows-dir"] if name == "build" else ["--targets", "--answers"]:
            command.add_argument(option, required=True)
    command = commands.add_parser("size")
    command.set_defaults(act=size)
    command.add_argument("--index", required=True)
    command = commands.add_parser("record")
    command.set_defaults(act=record)
    command.add_argument("--step", default="")
    command.add_argument("--size", type=int, required=True)
    for command in [command, commands.add_parser("table")]:
        command.add_argument("--results", required=True)
        command.add_argument("--run", required=True)
    command.set_defaults(act=table)
    arguments = parser.parse_args()
    arguments.act(arguments)


if __name__ == "__main__":
    main()
