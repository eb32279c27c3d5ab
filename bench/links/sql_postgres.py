"""PostgreSQL: tables written in the order of their keys, B-tree indexes, the C collation.

Choices, by its manual: COPY into an unlogged table; CREATE TABLE AS with ORDER BY; indexes and VACUUM ANALYZE after the
rows are in, so that scopes are read in order and by index alone where that is possible; memory settings for a machine of
its own. The server is started on a socket in a private folder, as the user `postgres` when this process is root, since it
refuses to run as root.
"""

import glob
import os
import shutil
import subprocess
import threading

import psycopg
import pyarrow.csv
import pyarrow.parquet

from sql import IDENTITY, SCOPES, doubled, from_roll_up, keys_of, last

NETWORK = "network(set_masklen(ip::INET, CASE family(ip::INET) WHEN 4 THEN 24 ELSE 48 END))"


class Engine:
    def __init__(self, work, memory, threads, ratings=False):
        self.folder = os.path.abspath(os.path.join(work, "postgres"))
        self.data = os.path.join(self.folder, "data")
        self.ratings = ratings
        self.connection = None
        if not os.path.exists(self.data):
            os.makedirs(self.folder, exist_ok=True)
            if os.geteuid() == 0:
                shutil.chown(self.folder, "postgres")
            self.server("initdb", "-D", self.data, "--locale=C", "--encoding=UTF8", "--auth=trust", "-U", "bench")
        settings = {
            "listen_addresses": "''",
            "unix_socket_directories": f"'{self.folder}'",
            "shared_buffers": f"{memory // 4 >> 20}MB",
            "work_mem": f"{memory // 8 >> 20}MB",
            "maintenance_work_mem": f"{memory // 4 >> 20}MB",
            "max_parallel_workers_per_gather": threads - 1,
            "max_parallel_maintenance_workers": threads - 1,
            "max_wal_size": "8GB",
            "wal_level": "minimal",
            "max_wal_senders": 0,
            "random_page_cost": 1.1,
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self.server("pg_ctl", "-D", self.data, "-l", os.path.join(self.folder, "log"), "-w", "-o", options, "start")
        self.connection = psycopg.connect(host=self.folder, user="bench", dbname="postgres", autocommit=True)
        with open(os.path.join(self.data, "postmaster.pid")) as file:
            self.memory = Memory(file.readline().strip())
        self.memory.start()

    def server(self, program, *arguments):
        found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{program}"), key=lambda p: int(p.split("/")[4]))
        command = [found[-1] if found else program, *arguments]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

    def phases(self, rows_dir, suffixes, ratings):
        run = self.connection.execute
        host = "split_part(target_key, ')/', 1)"
        label = [f"split_part(split_part({host}, ':', 1), ',', {number})" for number in (1, 2, 3)]
        known = ", ".join(f"'{suffix}'" for suffix in suffixes)
        scope = {
            "host": host,
            "tree": f"""{label[0]} || ',' || {label[1]}
                || CASE WHEN {label[0]} || ',' || {label[1]} IN ({known}) THEN ',' || {label[2]} ELSE '' END
                || CASE WHEN strpos({host}, ':') > 0 THEN ':' || split_part({host}, ':', 2) ELSE '' END""",
        }
        rating = "0::SMALLINT" if not ratings else "coalesce(q.rating, 0)::SMALLINT"
        join = "" if not ratings else "LEFT JOIN ratings q ON q.domain = r.refdomain"

        def copy():
            run("""
                CREATE UNLOGGED TABLE seen (
                    target_key TEXT NOT NULL, refdomain TEXT NOT NULL, source_key TEXT NOT NULL, link_type TEXT NOT NULL,
                    anchor TEXT NOT NULL, nofollow BOOL NOT NULL, ugc BOOL NOT NULL, sponsored BOOL NOT NULL,
                    image BOOL NOT NULL, first_seen BIGINT NOT NULL, last_visited BIGINT NOT NULL, ip TEXT,
                    source_https BOOL NOT NULL, target_https BOOL NOT NULL)""")
            with self.connection.cursor() as cursor, cursor.copy("COPY seen FROM STDIN (FORMAT csv)") as out:
                for path in sorted(glob.glob(f"{rows_dir}/*.parquet")):
                    for batch in pyarrow.parquet.ParquetFile(path).iter_batches(65_536):
                        text = pyarrow.BufferOutputStream()
                        pyarrow.csv.write_csv(batch, text, pyarrow.csv.WriteOptions(include_header=False))
                        out.write(text.getvalue().to_pybytes())
            run("ANALYZE seen")

        def links():
            # The latest visit decides over the address and the schemes; in the same second https and the smallest known
            # address win ('~' comes after every address). Seconds subtracted from a number of 11 digits sort downwards.
            run(f"""
                CREATE UNLOGGED TABLE links AS
                SELECT {IDENTITY}, min(first_seen) AS first_seen, max(last_visited) AS last_visited,
                    nullif(substr(min((99999999999 - last_visited)::TEXT || coalesce(ip, '~')), 12), '~') AS ip,
                    max(last_visited * 2 + source_https::INT) % 2 = 1 AS source_https,
                    max(last_visited * 2 + target_https::INT) % 2 = 1 AS target_https
                FROM seen GROUP BY {IDENTITY} ORDER BY {IDENTITY}""")
            run("DROP TABLE seen")
            run("CREATE INDEX links_key ON links (target_key, refdomain, source_key)")
            run("VACUUM (FREEZE, ANALYZE) links")

        def rollup(name):
            def act():
                if ratings:
                    self.load_ratings(ratings)
                run(f"""
                    CREATE UNLOGGED TABLE {name}_refdomains AS
                    SELECT scope, r.refdomain, backlinks, refpages, first_seen, last_visited, {rating} AS rating FROM (
                        SELECT scope, refdomain, sum(backlinks)::BIGINT AS backlinks, count(*) AS refpages,
                            min(first_seen) AS first_seen, max(last_visited) AS last_visited
                        FROM (
                            SELECT {scope[name]} AS scope, refdomain, source_key, count(*) AS backlinks,
                                min(first_seen) AS first_seen, max(last_visited) AS last_visited
                            FROM links GROUP BY 1, 2, 3
                        ) s GROUP BY 1, 2
                    ) r {join} ORDER BY scope, refdomain""")
                run(f"CREATE UNIQUE INDEX ON {name}_refdomains (scope, refdomain)")
                run(f"VACUUM (FREEZE, ANALYZE) {name}_refdomains")
            return act

        def totals(name):
            def act():
                run(f"""
                    CREATE UNLOGGED TABLE {name}_totals AS
                    WITH seen AS MATERIALIZED (
                        SELECT DISTINCT {scope[name]} AS scope, ip FROM links WHERE ip IS NOT NULL),
                    ips AS (SELECT scope, count(*) AS ips FROM seen GROUP BY 1),
                    networks AS (SELECT scope, count(*) AS networks FROM (
                        SELECT DISTINCT scope, {NETWORK} FROM seen) n GROUP BY 1)
                    SELECT scope, refdomains, coalesce(ips, 0) AS ips, coalesce(networks, 0) AS networks
                    FROM (SELECT scope, count(*) AS refdomains FROM {name}_refdomains GROUP BY 1) r
                    LEFT JOIN ips USING (scope) LEFT JOIN networks USING (scope)""")
                run(f"CREATE UNIQUE INDEX ON {name}_totals (scope)")
                run(f"VACUUM (FREEZE, ANALYZE) {name}_totals")
            return act

        yield "copy", copy
        yield "links", links
        for name in SCOPES:
            yield f"rollup {name}", rollup(name)
            yield f"totals {name}", totals(name)

    def load_ratings(self, ratings):
        run = self.connection.execute
        run("DROP TABLE IF EXISTS ratings")
        run("CREATE UNLOGGED TABLE ratings (domain TEXT PRIMARY KEY, rating SMALLINT NOT NULL)")
        table = pyarrow.parquet.read_table(ratings, columns=["domain", "domain_rating"])
        text = pyarrow.BufferOutputStream()
        pyarrow.csv.write_csv(table, text, pyarrow.csv.WriteOptions(include_header=False))
        with self.connection.cursor() as cursor, cursor.copy("COPY ratings FROM STDIN (FORMAT csv)") as out:
            out.write(text.getvalue().to_pybytes())
        run("ANALYZE ratings")

    def links_size(self):
        """The table and its index."""
        sizes = "SELECT (SELECT count(*) FROM links), pg_total_relation_size('links')"
        return self.connection.execute(sizes).fetchone()

    def prepare(self, request):
        sql = statement(request, self.ratings)
        return lambda: self.connection.execute(sql).fetchall()

    def read(self, rows):
        return rows[0][6:9] if rows else None, [row[:6] for row in rows]

    def peak_rss(self):
        """The most that the server's processes were seen to hold together, bytes."""
        return self.memory.peak

    def close(self):
        self.memory.ended.set()
        self.connection.close()
        self.server("pg_ctl", "-D", self.data, "-m", "fast", "stop")


class Memory(threading.Thread):
    """Looks again and again what a server and its processes hold: the shared memory once, and what each has for itself."""

    def __init__(self, postmaster):
        super().__init__(daemon=True)
        self.postmaster, self.peak, self.ended = postmaster, 0, threading.Event()

    def run(self):
        while not self.ended.wait(0.2):
            own = [held for held in map(self.held, filter(str.isdigit, os.listdir("/proc"))) if held]
            if own:
                self.peak = max(self.peak, sum(anonymous for anonymous, _ in own) + max(shared for _, shared in own))

    def held(self, pid):
        try:
            with open(f"/proc/{pid}/status") as status:
                facts = dict(line.split(":", 1) for line in status)
        except OSError:
            return None
        if pid != self.postmaster and facts["PPid"].strip() != self.postmaster:
            return None
        return tuple(int(facts.get(name, "0").split()[0]) * 1024 for name in ("RssAnon", "RssShmem"))


def statement(request, ratings):
    if rolled_up := from_roll_up(request):
        return rolled_up
    quoted, keys = doubled(request["key"]), keys_of(request, doubled)
    counted = f"""SELECT count(DISTINCT refdomain) AS refdomains, count(DISTINCT ip) AS ips,
        count(DISTINCT {NETWORK}) AS networks FROM s"""
    totals = f"SELECT refdomains, ips, networks FROM host_totals WHERE scope = '{quoted}'" if request["where"] else counted
    columns = "refdomain, source_key, first_seen, last_visited, ip"
    keep = "s"
    if "substring" in request:
        keys += f" AND strpos(refdomain, '{request['substring']}') > 0"
    elif "since" in request:
        columns = "target_key, " + columns
        keep = f"""(SELECT * FROM (SELECT *, max(last_visited) OVER (PARTITION BY target_key, refdomain, ip) AS latest FROM s) w
            WHERE latest >= {request['since']}) k"""
    rating, join = ("coalesce(q.rating, 0)", "LEFT JOIN ratings q ON q.domain = g.refdomain") if ratings else ("0", "")
    return f"""
        WITH s AS MATERIALIZED (SELECT {columns} FROM links WHERE {keys}), t AS MATERIALIZED ({totals})
        SELECT g.refdomain, backlinks, refpages, first_seen, last_visited, {rating} AS rating, t.refdomains, t.ips, t.networks
        FROM (SELECT refdomain, count(*) AS backlinks, count(DISTINCT source_key) AS refpages,
            min(first_seen) AS first_seen, max(last_visited) AS last_visited FROM {keep} GROUP BY 1) g {join} CROSS JOIN t {last(request)}"""
