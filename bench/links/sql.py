"""What the statements of all engines have in common: the tables, the scope of a request, and the order of its rows."""

IDENTITY = "target_key, refdomain, source_key, link_type, anchor, nofollow, ugc, sponsored, image"
SCOPES = ("host", "tree")


def doubled(text):
    """A text as standard SQL has it between quotes."""
    return text.replace("'", "''")


def roll_up(request):
    """The roll-up that answers a request, with its conditions and the order of its rows; None if none does."""
    if request["kind"] not in ("domain", "subdomains") or request["where"]:
        return None
    name = {"domain": "host", "subdomains": "tree"}[request["kind"]]
    having = f"AND {request['having']}" if request["having"] else ""
    return name, f"{having} {last(request)}"


def from_roll_up(request):
    """The whole statement in standard SQL; None as for `roll_up`."""
    found = roll_up(request)
    if found is None:
        return None
    (name, rest), quoted = found, doubled(request["key"])
    return f"""
        SELECT refdomain, backlinks, refpages, first_seen, last_visited, rating, t.refdomains, t.ips, t.networks
        FROM {name}_refdomains r, {name}_totals t
        WHERE r.scope = '{quoted}' AND t.scope = '{quoted}' {rest}"""


def keys_of(request, escape):
    """The condition on the target keys of a request that no roll-up answers."""
    if request["kind"] == "exact":
        return f"target_key = '{escape(request['key'])}'"
    start = escape(request["key"] if request["kind"] == "prefix" else request["key"] + ")/")
    return f"target_key >= '{start}' AND target_key < '{after(start)}'"


def last(request):
    return f"ORDER BY {order(request)} LIMIT {request['limit']}"


def order(request):
    if not request["order_by"]:
        return "refdomain"
    column, direction = request["order_by"].split(":")
    return f"{column.replace('domain_rating', 'rating')} {direction}, refdomain"


def after(prefix):
    """The first text after all that begin with this one."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
