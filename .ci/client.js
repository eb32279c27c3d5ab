// The npm package `ahrefs`, unmodified, with only its address changed: GET and POST, json and xml. What it hands to its
// callback is held against the answer to the same request written by hand. Arguments: URL and target.
'use strict';

const assert = require('assert');
const http = require('http');
const { parseStringPromise } = require('xml2js');
const client = require('ahrefs');

const [, , url, target] = process.argv;
const token = '0123456789abcdef0123456789abcdef01234567';
const ahrefs = client({ token, url });

// The body of an answer, asked for without the package.
function plain(parameters) {
  const query = new URLSearchParams({ from: 'refdomains', target, ...parameters });
  return new Promise((resolve, reject) => {
    http.get(`${url}?${query}`, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve(Buffer.concat(parts).toString('utf8')));
    }).on('error', reject);
  });
}

// What the package hands to its callback.
function asked(method, output, build) {
  const query = build(ahrefs.newQuery().from('refdomains').target(target)).output(output);
  return new Promise((resolve) => {
    ahrefs[method](query, (error, result) => resolve({ error, result }));
  });
}

// The rows and totals of a document as texts, as `texts` makes them of json.
async function rowsOfXml(body) {
  const { AhrefsApiResponse: root } = await parseStringPromise(body, { explicitArray: false });
  const rows = [].concat((root.refdomains && root.refdomains.refdomain) || []);
  return { refdomains: rows.map((row) => ({ ...row })), stats: { ...root.stats } };
}

const texts = (value) => JSON.parse(JSON.stringify(value, (_, v) => (typeof v === 'number' ? String(v) : v)));

const requests = [
  ['all rows', { mode: 'domain', limit: 1000 }, (query) => query.mode('domain').limit(1000)],
  ['its mode by default', { mode: 'exact' }, (query) => query],
  [
    'conditions, columns and orders',
    {
      mode: 'subdomains',
      select: 'refdomain,backlinks,domain_rating',
      where: 'last_visited>="2013-12-02",backlinks>=1',
      having: 'backlinks>=2,word(refdomain,"com")',
      order_by: 'domain_rating:desc,refdomain',
      limit: 10,
      offset: 1,
    },
    (query) => query.mode('subdomains')
      .select('refdomain', 'backlinks', 'domain_rating')
      .where('gte', 'last_visited', '2013-12-02').where('gte', 'backlinks', 1)
      .having('gte', 'backlinks', 2).having('word', 'refdomain', 'com')
      .orderBy('domain_rating:desc', 'refdomain')
      .limit(10).offset(1),
    'has rows',
  ],
  [
    'escapes, and a comma inside quotes',
    { mode: 'domain', where: 'substring(refdomain,"o\\\'b\\"c\\\\d"),refdomain="a,b",subdomain(url,"example.com")' },
    (query) => query.mode('domain')
      .where('substring', 'refdomain', 'o\'b"c\\d').where('eq', 'refdomain', 'a,b')
      .where('subdomain', 'url', 'example.com'),
  ],
];

async function main() {
  for (const [name, parameters, build, hasRows] of requests) {
    const json = await plain({ ...parameters, output: 'json' });
    const xml = await plain({ ...parameters, output: 'xml' });
    const expected = JSON.parse(json);
    assert(!expected.error, `${name}: ${expected.error}`);
    assert(!hasRows || expected.refdomains.length > 0, `${name}: no rows`);
    assert.deepStrictEqual(await rowsOfXml(xml), texts(expected), `${name}: xml as json`);
    for (const method of ['get', 'post']) {
      const one = await asked(method, 'json', build);
      assert.deepStrictEqual(one, { error: null, result: expected }, `${name}: ${method}, json`);
      const other = await asked(method, 'xml', build);
      assert.deepStrictEqual(other, { error: null, result: xml }, `${name}: ${method}, xml`);
    }
    console.log(`the client, get and post, json and xml: ${name} (${expected.refdomains.length} rows)`);
  }

  // The package checks modes and columns itself, so what is wrong has to be the target.
  const wrong = 'b\u00fccher <\u8def> & co';
  const { error: expected } = JSON.parse(await plain({ mode: 'domain', target: wrong }));
  assert(expected.startsWith(`target: invalid value '${wrong}'`), expected);
  for (const method of ['get', 'post']) {
    for (const output of ['json', 'xml']) {
      const { error } = await asked(method, output, (query) => query.mode('domain').target(wrong));
      // Its XML reader gives lists.
      assert.strictEqual([].concat(error)[0], expected, `${method}, ${output}`);
    }
  }
  console.log('the client, get and post, json and xml: an error');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
