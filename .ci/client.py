# The PyPI package `ahrefs-api-python`, unmodified, with only its address changed. Arguments: URL and target.
#
# It was written for Python 2, so what it imports from there stands in by Python 3's. And it has a fault: after an answer
# it raises an error of its own unless the *mode* is "json". So what is held against the answer to the same request
# written by hand is what came in at its `urlopen`; and with that mode, an error reaches the program as one of ours.
import io
import json
import sys
import types
import urllib
import urllib.parse
import urllib.request

URL, TARGET = sys.argv[1:]
TOKEN = "0123456789abcdef0123456789abcdef01234567"

taken = []


def urlopen(url):
    with urllib.request.urlopen(url) as response:
        taken.append((url, response.read()))
    return io.BytesIO(taken[-1][1])


urllib.quote_plus = urllib.parse.quote_plus
sys.modules["urllib2"] = types.SimpleNamespace(urlopen=urlopen)

from ahrefs_api_python.api import AhrefsApi


def plain(**parameters):
    """An answer, asked for without the package."""
    with urllib.request.urlopen(f"{URL}?{urllib.parse.urlencode(parameters)}") as response:
        return response.read()


def asked(request):
    """The error that the package raises."""
    try:
        request.get()
    except Exception as error:
        return error.args
    raise SystemExit("the package raises no error")


def check(name, table, request, **parameters):
    error = asked(request)
    url, body = taken[-1]
    expected = plain(**{"from": table, "target": TARGET, **parameters})
    if error != (table, "not implemented mode") or body != expected:
        raise SystemExit(f"{name}: {error}\n{url}\n{body}\n{expected}")
    answer = json.loads(body)
    rows = len(answer.get("refdomains", []))
    if "error" in answer or (table == "refdomains" and rows == 0):
        raise SystemExit(f"{name}: no rows\n{url}\n{body}")
    print(f"the PyPI package: {name} ({rows} rows)")


# Both spellings of an address.
for base in [URL, URL.rstrip("/")]:
    api = AhrefsApi(base, TOKEN)
    check("all rows, its mode by default", "refdomains", api.refdomains(TARGET), mode="domain")
    check("a raw URL", "refdomains", api.refdomains(f"http://{TARGET}/", mode="prefix"), target=f"http://{TARGET}/", mode="prefix")
    conditions = {
        "where": 'last_visited>="2013-12-02",backlinks>=1',
        "having": 'backlinks>=2,word(refdomain,"com")',
        "order_by": "domain_rating:desc,refdomain",
    }
    request = api.refdomains(TARGET, mode="subdomains")
    for name, value in conditions.items():
        request = getattr(request, name)(value)
    check("conditions and orders", "refdomains", request, mode="subdomains", **conditions)
    check("rows left", "subscription_info", api.subscription_info(TARGET), mode="domain")

    expected = json.loads(plain(**{"from": "refdomains", "target": TARGET, "mode": "json"}))["error"]
    error = asked(api.refdomains(TARGET, mode="json"))
    if error != ("refdomains", expected) or not expected.startswith("mode: invalid value 'json'"):
        raise SystemExit(f"an error: {error}, {expected}")
    print("the PyPI package: an error")
