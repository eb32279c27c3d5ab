"""ClickHouse, in process (chdb): MergeTree tables ordered by the columns that requests name.

Choices, by its manual: ORDER BY is the sparse primary index; granules of 1,024 rows instead of 8,192, since an ordinary
request reads few rows; LowCardinality for few values; ZSTD for columns; no Nullable columns (an unknown address is the
empty text). Grouping spills to disk; tables are merged to one part when they are written, as OPTIMIZE FINAL does and
merges in the background would do in time.
"""

import json
import os
import shutil

from chdb import session

from sql import IDENTITY, SCOPES, keys_of, last, roll_up

TABLE_SETTINGS = "SETTINGS index_granularity = 1024"


class Engine:
    def __init__(self, work, memory, threads, ratings=False):
        self.folder = os.path.join(work, "clickhouse")
        os.makedirs(self.folder, exist_ok=True)
        self.session = session.Session(self.folder)
        self.ratings = ratings
        for setting, value in {
            "max_threads": threads,
            "max_insert_threads": 1,
            "max_memory_usage": memory,
            "max_bytes_before_external_group_by": memory // 4,
            "max_bytes_before_external_sort": memory // 4,
            "min_insert_block_size_bytes": memory // 16,
            # The reader of Parquet would take 4 GiB for itself.
            "input_format_parquet_memory_high_watermark": memory // 8,
        }.items():
            self.session.query(f"SET {setting} = {value}")
        self.session.query("CREATE DATABASE IF NOT EXISTS bench ENGINE = Atomic")
        self.session.query("USE bench")

    def phases(self, rows_dir, suffixes, ratings):
        run = self.session.query
        # Labels are found by their commas, which is much faster than a regular expression here. A host without a comma
        # more ends at the whole text.
        host = "substring(target_key, 1, position(target_key, ')/') - 1)"
        plain = f"concat(substring({host}, 1, position(concat({host}, ':'), ':') - 1), ',')"
        second = f"position({plain}, ',', position({plain}, ',') + 1)"
        known = ", ".join(f"'{suffix}'" for suffix in suffixes)
        end = f"if(substring({plain}, 1, {second} - 1) IN ({known}), position({plain}, ',', {second} + 1), {second})"
        port = f"if(position({host}, ':') > 0, substring({host}, position({host}, ':')), '')"
        scope = {"host": host, "tree": f"concat(substring({plain}, 1, {end} - 1), {port})"}
        rating = "toUInt8(0)" if not ratings else "toUInt8(q.rating)"
        join = "" if not ratings else "LEFT JOIN ratings q ON q.domain = r.refdomain"

        # Columns as in links.rs; the primary key is the part of the order that requests name.
        columns = """
            target_key String CODEC(ZSTD(1)), refdomain String CODEC(ZSTD(1)), source_key String CODEC(ZSTD(1)),
            link_type LowCardinality(String), anchor String CODEC(ZSTD(1)),
            nofollow Bool, ugc Bool, sponsored Bool, image Bool,
            first_seen DateTime CODEC(ZSTD(1)), last_visited DateTime CODEC(ZSTD(1)), ip String CODEC(ZSTD(1)),
            source_https Bool, target_https Bool"""

        def load():
            engine = f"MergeTree PRIMARY KEY (target_key, refdomain) ORDER BY ({IDENTITY})"
            run(f"CREATE TABLE seen ({columns}) ENGINE = {engine}")
            run(f"CREATE TABLE links ({columns}) ENGINE = {engine} {TABLE_SETTINGS}")
            run(f"INSERT INTO seen SELECT * REPLACE (ifNull(ip, '') AS ip) FROM file('{rows_dir}/*.parquet', Parquet)")
            run("OPTIMIZE TABLE seen FINAL")

        def links():
            # The latest visit decides over the address and the schemes; in the same second https and the smallest known
            # address win ('~' comes after every address). The rows are read in order, so no group is held in memory; a
            # GROUP BY of the unsorted rows breaks the limit even with spilling.
            run(f"""
                INSERT INTO links
                SELECT {IDENTITY}, min(first_seen), max(last_visited),
                    replaceOne(substring(min(concat(hex(toUInt32(4294967295 - toUInt32(last_visited))),
                        if(ip = '', '~', ip))), 9), '~', ''),
                    max(toUInt64(last_visited) * 2 + source_https) % 2, max(toUInt64(last_visited) * 2 + target_https) % 2
                FROM seen GROUP BY {IDENTITY} SETTINGS optimize_aggregation_in_order = 1""")
            run("DROP TABLE seen SYNC")

        def rollup(name):
            def act():
                if ratings:
                    run("CREATE TABLE IF NOT EXISTS ratings (domain String, rating UInt8) ENGINE = MergeTree ORDER BY domain")
                    run("TRUNCATE TABLE ratings")
                    run(f"INSERT INTO ratings SELECT domain, toUInt8(domain_rating) FROM file('{ratings}', Parquet)")
                run(f"""
                    CREATE TABLE {name}_refdomains (
                        scope String CODEC(ZSTD(1)), refdomain String CODEC(ZSTD(1)), backlinks UInt64 CODEC(T64, ZSTD(1)),
                        refpages UInt64 CODEC(T64, ZSTD(1)), first_seen DateTime CODEC(ZSTD(1)),
                        last_visited DateTime CODEC(ZSTD(1)), rating UInt8
                    ) ENGINE = MergeTree ORDER BY (scope, refdomain) {TABLE_SETTINGS}""")
                run(f"""
                    INSERT INTO {name}_refdomains
                    SELECT scope, refdomain, backlinks, refpages, first_seen, last_visited, {rating} FROM (
                        SELECT scope, refdomain, sum(links) AS backlinks, count() AS refpages,
                            min(first) AS first_seen, max(last) AS last_visited
                        FROM (
                            SELECT {scope[name]} AS scope, refdomain, source_key, count() AS links,
                                min(first_seen) AS first, max(last_visited) AS last
                            FROM links GROUP BY scope, refdomain, source_key
                        ) GROUP BY scope, refdomain
                    ) r {join}""")
                run(f"OPTIMIZE TABLE {name}_refdomains FINAL")
            return act

        def totals(name):
            def act():
                run(f"""
                    CREATE TABLE {name}_totals (scope String CODEC(ZSTD(1)), refdomains UInt64, ips UInt64, networks UInt64)
                    ENGINE = MergeTree ORDER BY scope {TABLE_SETTINGS}""")
                run(f"""
                    INSERT INTO {name}_totals
                    SELECT scope, sum(r), sum(i), sum(n) FROM (
                        SELECT scope, count() AS r, 0 AS i, 0 AS n FROM {name}_refdomains GROUP BY scope
                        UNION ALL
                        SELECT scope, 0, sum(addresses), count() FROM (
                            SELECT scope, network, count() AS addresses FROM (
                                SELECT {scope[name]} AS scope, ip, extract(ip, '{NETWORK}') AS network
                                FROM links WHERE ip != '' GROUP BY scope, ip, network
                            ) GROUP BY scope, network
                        ) GROUP BY scope
                    ) GROUP BY scope""")
                run(f"OPTIMIZE TABLE {name}_totals FINAL")
            return act

        yield "load", load
        yield "links", links
        yield "merge of links", lambda: run("OPTIMIZE TABLE links FINAL")
        for name in SCOPES:
            yield f"rollup {name}", rollup(name)
            yield f"totals {name}", totals(name)

    def links_size(self):
        size = """SELECT sum(rows), sum(bytes_on_disk) FROM system.parts
            WHERE active AND database = 'bench' AND table = 'links'"""
        return json.loads(str(self.session.query(size, "JSONCompactEachRow")))

    def prepare(self, request):
        sql = statement(request, self.ratings)
        return lambda: self.session.query(sql, "JSONCompactEachRow")

    def read(self, answer):
        rows = [json.loads(line) for line in str(answer).splitlines()]
        return [int(n) for n in rows[0][6]] if rows else None, [[row[0], *map(int, row[1:6])] for row in rows]

    def peak_rss(self):
        return None

    def close(self):
        self.session.close()


def escape(text):
    return text.replace("\\", "\\\\").replace("'", "\\'")


# A /24 of IPv4, a /48 of IPv6 whose first three groups are not zero, as the generator makes them.
NETWORK = escape(r"^([0-9]+\.[0-9]+\.[0-9]+|[^:]+:[^:]+:[^:]+)")
DATES = "toUnixTimestamp(first_seen), toUnixTimestamp(last_visited)"


def statement(request, ratings):
    quoted = escape(request["key"])
    if found := roll_up(request):
        name, rest = found
        return f"""
            WITH (SELECT (refdomains, ips, networks) FROM {name}_totals WHERE scope = '{quoted}') AS t
            SELECT refdomain, backlinks, refpages, {DATES}, rating, t
            FROM {name}_refdomains WHERE scope = '{quoted}' {rest}"""
    keys = keys_of(request, escape)
    counted = f"""SELECT (uniqExact(refdomain), uniqExactIf(ip, ip != ''),
        uniqExactIf(extract(ip, '{NETWORK}'), ip != '')) FROM links WHERE {keys}"""
    totals = f"SELECT (refdomains, ips, networks) FROM host_totals WHERE scope = '{quoted}'" if request["where"] else counted
    if "since" in request:
        # A row before grouping is a target, a referring domain and an address. Arrays of its pages are faster here than
        # states of uniqExact that merge, and than IN.
        groups = f"""SELECT refdomain, sum(b) AS backlinks, uniqExactArray(p) AS refpages,
            min(f) AS first_seen, max(l) AS last_visited
            FROM (
                SELECT target_key, refdomain, ip, count() AS b, groupArray(source_key) AS p,
                    min(first_seen) AS f, max(last_visited) AS l
                FROM links WHERE {keys} GROUP BY target_key, refdomain, ip HAVING l >= {request['since']}
            ) GROUP BY refdomain"""
    else:
        part = f"AND position(refdomain, '{request['substring']}') > 0" if "substring" in request else ""
        groups = f"""SELECT refdomain, count() AS backlinks, uniqExact(source_key) AS refpages,
            min(links.first_seen) AS first_seen, max(links.last_visited) AS last_visited
            FROM links WHERE {keys} {part} GROUP BY refdomain"""
    rating, join = ("toUInt8(q.rating)", "LEFT JOIN ratings q ON q.domain = g.refdomain") if ratings else ("0", "")
    return f"""
        WITH ({totals}) AS t
        SELECT refdomain, backlinks, refpages, {DATES}, {rating} AS rating, t FROM ({groups}) g {join} {last(request)}"""
