<?php
// PHP's own readers of the formats php and xml, held against the json of the same request; and requests that PHP sends
// as they stand, raw characters and all, with either version of HTTP. Arguments: URL and target.

[, $url, $target] = $argv;

const JSON_AS_ON_THE_WIRE = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_LINE_TERMINATORS;

/** An answer and its media type. */
function ask(string $url, array $parameters): array
{
    $body = file_get_contents($url . '?' . http_build_query($parameters));
    foreach ($http_response_header as $header) {
        if (preg_match('/^content-type: *(.*)/i', $header, $found)) {
            return [$body, trim($found[1])];
        }
    }
    return [$body, ''];
}

/** The value of the element that a reader stands on: a text, or its child elements by name. */
function element(XMLReader $reader): mixed
{
    if ($reader->hasAttributes) {
        throw new Exception("attributes of $reader->name");
    }
    if ($reader->isEmptyElement) {
        return '';
    }
    [$name, $children, $text] = [$reader->name, [], ''];
    while ($reader->read() && $reader->nodeType !== XMLReader::END_ELEMENT) {
        if ($reader->nodeType === XMLReader::ELEMENT) {
            $children[] = [$reader->name, element($reader)];
        } else {
            $text .= $reader->value;
        }
    }
    if ($children === []) {
        return $text;
    }
    if ($text !== '') {
        throw new Exception("text between the elements of $name");
    }
    // A list holds elements of one name, which is the singular of its own.
    $isList = $name === $children[0][0] . 's';
    return $isList ? array_column($children, 1) : array_column($children, 1, 0);
}

function xml(string $text): mixed
{
    $reader = XMLReader::XML($text, null, LIBXML_NONET);
    if (!$reader || !$reader->read() || $reader->name !== 'AhrefsApiResponse') {
        throw new Exception('no document');
    }
    return element($reader);
}

/** A value with texts for numbers, and a text for what is empty: XML knows neither. */
function texts(mixed $value): mixed
{
    return is_array($value) && $value !== [] ? array_map('texts', $value) : (is_array($value) ? '' : (string) $value);
}

function fail(string $what): never
{
    fwrite(STDERR, "$what\n");
    exit(1);
}

set_error_handler(fn (int $level, string $text) => throw new ErrorException($text));

$all = ['from' => 'refdomains', 'target' => $target, 'mode' => 'subdomains'];
$requests = [
    'all rows' => $all + ['limit' => 5000],
    'no row' => $all + ['limit' => 0],
    'no link' => ['target' => 'nobody-links-here.com'] + $all,
    'some columns' => $all + ['select' => 'last_visited,refdomain', 'limit' => 3],
    'conditions' => $all + ['where' => 'backlinks>=2,refdomain<>"a,b"', 'having' => 'refpages>1', 'order_by' => 'refpages:desc'],
    'a raw URL' => ['target' => "https://$target/", 'mode' => 'exact'] + $all,
    'rating' => ['from' => 'domain_rating', 'target' => $target],
    'rating of nobody' => ['from' => 'domain_rating', 'target' => 'nobody-links-here.com', 'select' => 'ahrefs_top'],
    'subscription' => ['from' => 'subscription_info'],
    'unknown column' => $all + ['order_by' => 'foobar_rating:desc'],
    'unknown table' => ['from' => 'xyz'] + $all,
    'missing target' => ['target' => ''] + $all,
    'no ASCII' => ['mode' => "b\u{fc}cher \u{8def} \u{1f517}"] + $all,
    'markup' => ['mode' => '<b attribute="\'">&amp;]]></b>'] + $all,
    'a list that is wrong' => $all + ['where' => 'refdomain="\\'],
];
$types = ['json' => 'application/json', 'xml' => 'application/xml', 'php' => 'text/plain'];
foreach ($requests as $name => $request) {
    $bodies = [];
    foreach ($types as $output => $type) {
        [$bodies[$output], $found] = ask($url, $request + ['output' => $output]);
        if ($found !== "$type; charset=utf-8") {
            fail("$name: the media type of $output is $found");
        }
    }
    $php = unserialize($bodies['php'], ['allowed_classes' => false]);
    $json = json_decode($bodies['json'], true, 16, JSON_THROW_ON_ERROR);
    if (json_encode($php, JSON_AS_ON_THE_WIRE) !== $bodies['json']) {
        fail("$name: php differs from json\n{$bodies['php']}\n{$bodies['json']}");
    }
    if (xml($bodies['xml']) !== texts($json)) {
        fail("$name: xml differs from json\n{$bodies['xml']}\n{$bodies['json']}");
    }
    $rows = count($json['refdomains'] ?? []);
    echo "PHP reads php and xml as json: $name (", isset($json['error']) ? 'an error' : "$rows rows", ")\n";
}

$where = 'backlinks >= 2, refdomain<>"a b"';
$plain = ['where' => $where, 'limit' => 5] + $all;
$raw = "$url?from=refdomains&target=http://$target/&mode=subdomains&limit=5&where=$where";
foreach (['1.0', '1.1'] as $version) {
    $context = stream_context_create(['http' => ['protocol_version' => $version, 'header' => 'Connection: close']]);
    $body = file_get_contents($raw, false, $context);
    if ($body !== ask($url, $plain)[0] || count(json_decode($body, true)['refdomains'] ?? []) === 0) {
        fail("raw characters, HTTP/$version: $body");
    }
    echo "PHP sends raw characters, HTTP/$version\n";
}
