"""DuckDB: a native database file, tables sorted on insert so that the zone maps of row groups prune by key.

Choices, by its performance guide: ORDER BY on insert; grouping in two levels instead of count(distinct), since hash
aggregation spills to disk and the sets of count(distinct) do not. An index (ART) where one row is looked up, so on the
totals; on the target keys of the links only while it fits in memory beside the work, as it must: it takes 40 bytes a
backlink. On the roll-ups it changes nothing. The links stand in a file of their own, so that its size is theirs, measured
before their index.
"""

import os
import shutil

import duckdb

from sql import IDENTITY, SCOPES, doubled, from_roll_up, keys_of, last

# What an index of the target keys takes for each link, as measured at 10 million.
INDEX_BYTES = 40
# A /24 of IPv4, a /48 of IPv6 whose first three groups are not zero, as the generator makes them.
NETWORK = r"^([0-9]+\.[0-9]+\.[0-9]+|[^:]+:[^:]+:[^:]+)"


class Engine:
    def __init__(self, work, memory, threads, ratings=False):
        self.folder = os.path.join(work, "duckdb")
        os.makedirs(self.folder, exist_ok=True)
        self.links = os.path.join(self.folder, "links.db")
        self.ratings = ratings
        self.memory = memory
        self.size = None
        temporary = os.path.join(self.folder, "temporary")
        self.connection = duckdb.connect(os.path.join(self.folder, "rollups.db"))
        for setting in [
            f"SET threads = {threads}",
            f"SET memory_limit = '{memory // 1_000_000}MB'",
            f"SET temp_directory = '{temporary}'",
            f"ATTACH '{self.links}' AS l",
        ]:
            self.connection.execute(setting)

    def phases(self, rows_dir, suffixes, ratings):
        run = self.connection.execute
        tree = "^((?:" + "|".join(suffixes) + "),[^,:)]+|[^,:)]+,[^,:)]+)"
        scope = {
            "host": "split_part(target_key, ')/', 1)",
            "tree": f"regexp_extract(target_key, '{tree}', 1) || "
            "CASE WHEN contains(split_part(target_key, ')/', 1), ':') "
            "THEN ':' || split_part(split_part(target_key, ')/', 1), ':', 2) ELSE '' END",
        }
        rating = "0::UTINYINT" if not ratings else "coalesce(q.rating, 0)::UTINYINT"
        join = "" if not ratings else "LEFT JOIN ratings q ON q.domain = r.refdomain"

        def links():
            # The latest visit decides over the address and the schemes; in the same second https and the smallest known
            # address win ('~' comes after every address).
            run(f"""
                CREATE TABLE l.links AS
                SELECT {IDENTITY}, min(first_seen) AS first_seen, max(last_visited) AS last_visited,
                    nullif(min((-last_visited, coalesce(ip, '~')))[2], '~') AS ip,
                    max(last_visited * 2 + source_https::INT) % 2 = 1 AS source_https,
                    max(last_visited * 2 + target_https::INT) % 2 = 1 AS target_https
                FROM read_parquet('{rows_dir}/*.parquet')
                GROUP BY {IDENTITY} ORDER BY {IDENTITY}""")
            run("CHECKPOINT l")
            rows = run("SELECT count(*) FROM l.links").fetchone()[0]
            self.size = rows, os.path.getsize(self.links)

        def index():
            if self.size[0] * INDEX_BYTES < self.memory // 4:
                run("CREATE INDEX links_target ON l.links (target_key)")
                run("CHECKPOINT l")

        def rollup(name):
            def act():
                if ratings:
                    run(f"CREATE OR REPLACE TABLE ratings AS SELECT domain, domain_rating AS rating FROM read_parquet('{ratings}')")
                run(f"""
                    CREATE TABLE {name}_refdomains AS
                    SELECT scope, refdomain, backlinks, refpages, first_seen, last_visited, {rating} AS rating FROM (
                        SELECT scope, refdomain, sum(backlinks)::BIGINT AS backlinks, count(*) AS refpages,
                            min(first_seen) AS first_seen, max(last_visited) AS last_visited
                        FROM (
                            SELECT {scope[name]} AS scope, refdomain, source_key, count(*) AS backlinks,
                                min(first_seen) AS first_seen, max(last_visited) AS last_visited
                            FROM l.links GROUP BY 1, 2, 3
                        ) GROUP BY 1, 2
                    ) r {join} ORDER BY scope, refdomain""")
            return act

        def totals(name):
            def act():
                run(f"""
                    CREATE TABLE {name}_totals AS
                    WITH seen AS MATERIALIZED (
                        SELECT DISTINCT {scope[name]} AS scope, ip FROM l.links WHERE ip IS NOT NULL),
                    ips AS (SELECT scope, count(*) AS ips FROM seen GROUP BY 1),
                    networks AS (SELECT scope, count(*) AS networks FROM (
                        SELECT DISTINCT scope, regexp_extract(ip, '{NETWORK}', 1) FROM seen) GROUP BY 1)
                    SELECT scope, refdomains, coalesce(ips, 0) AS ips, coalesce(networks, 0) AS networks
                    FROM (SELECT scope, count(*) AS refdomains FROM {name}_refdomains GROUP BY 1)
                    LEFT JOIN ips USING (scope) LEFT JOIN networks USING (scope) ORDER BY scope""")
                run(f"CREATE UNIQUE INDEX {name}_totals_scope ON {name}_totals (scope)")
            return act

        yield "links", links
        yield "index", index
        for name in SCOPES:
            yield f"rollup {name}", rollup(name)
            yield f"totals {name}", totals(name)
        yield "checkpoint", lambda: run("CHECKPOINT")

    def links_size(self):
        return self.size

    def prepare(self, request):
        """One statement; the values stand in it, so that the planner can prune with them."""
        sql = statement(request, self.ratings)
        return lambda: self.connection.execute(sql).fetchall()

    def read(self, rows):
        return rows[0][6:9] if rows else None, [row[:6] for row in rows]

    def peak_rss(self):
        return None

    def close(self):
        self.connection.close()
        shutil.rmtree(os.path.join(self.folder, "temporary"), ignore_errors=True)


def statement(request, ratings):
    if rolled_up := from_roll_up(request):
        return rolled_up
    quoted, keys = doubled(request["key"]), keys_of(request, doubled)
    # Totals are those of the whole scope: of a host they stand in its table, of other scopes they are counted.
    counted = f"""SELECT count(DISTINCT refdomain) AS refdomains, count(DISTINCT ip) AS ips,
        count(DISTINCT regexp_extract(ip, '{NETWORK}', 1)) AS networks FROM s"""
    totals = f"SELECT refdomains, ips, networks FROM host_totals WHERE scope = '{quoted}'" if request["where"] else counted
    columns = "refdomain, source_key, first_seen, last_visited, ip"
    keep = "s"
    if "substring" in request:
        keys += f" AND contains(refdomain, '{request['substring']}')"
    elif "since" in request:
        # A row before grouping is a target, a referring domain and an address. A semi join is faster than a window.
        columns = "target_key, refdomain, source_key, first_seen, last_visited, coalesce(ip, '') AS ip"
        keep = f"""s SEMI JOIN (SELECT target_key, refdomain, ip FROM s GROUP BY ALL
            HAVING max(last_visited) >= {request['since']}) USING (target_key, refdomain, ip)"""
    rating, join = ("coalesce(q.rating, 0)", "LEFT JOIN ratings q ON q.domain = g.refdomain") if ratings else ("0", "")
    return f"""
        WITH s AS MATERIALIZED (SELECT {columns} FROM l.links WHERE {keys}), t AS MATERIALIZED ({totals})
        SELECT g.refdomain, backlinks, refpages, first_seen, last_visited, {rating} AS rating,
            t.refdomains, t.ips, t.networks
        FROM (
            SELECT refdomain, sum(links)::BIGINT AS backlinks, count(*) AS refpages,
                min(first) AS first_seen, max(last) AS last_visited
            FROM (SELECT refdomain, source_key, count(*) AS links, min(first_seen) AS first, max(last_visited) AS last
                FROM {keep} GROUP BY 1, 2) GROUP BY 1
        ) g {join}, t {last(request)}"""
