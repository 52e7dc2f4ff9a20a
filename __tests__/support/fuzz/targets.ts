import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { clean } from '../../../src/lib/clean.ts';
import { parseConfig } from '../../../src/oci/config.ts';
import { isDigest, parseDigest } from '../../../src/oci/digest.ts';
import { inlineData, parseDocument } from '../../../src/oci/manifest.ts';
import { canonicalReference, parseReference } from '../../../src/oci/reference.ts';
import { parseDockerConfig } from '../../../src/registry/docker-config.ts';
import { errorWords } from '../../../src/registry/error-words.ts';
import { nextLink, parseLinks, resolveLink } from '../../../src/registry/link.ts';
import { parseChallenges } from '../../../src/registry/transport/challenge.ts';
import { SHARED, vectors } from '../../oci/vectors.ts';
import { hostsToml, registriesConf } from './machine-files.ts';
import { rangedTransfer } from './ranged-transfer.ts';
import { retryAfter } from './retry-after.ts';
import type { Target } from './run-target.ts';

const HEX = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const DIGEST = parseDigest(`sha256:${HEX}`);

function insist(truth: boolean, what: string): void {
  if (!truth) throw new TypeError(what);
}

const strings = (values: readonly unknown[]): string[] => values.filter((value) => typeof value === 'string');

/** Real manifests and indexes, where they lie beside the checkout. */
function documents(): string[] {
  const folder = path.join(SHARED, 'manifests');
  if (!existsSync(folder)) return [];
  const texts = readdirSync(folder).map((file) => readFileSync(path.join(folder, file), 'utf8'));
  return texts.filter(({ length }) => length < 8000);
}

const descriptor = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: DIGEST, size: 0, data: '' };
const DOCUMENTS = [
  {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor,
    layers: [descriptor],
  },
  { schemaVersion: 2, manifests: [{ ...descriptor, platform: { os: 'linux', architecture: 'arm', variant: 'v7' } }] },
  { schemaVersion: 1, fsLayers: [], signatures: [] },
].map((document) => JSON.stringify(document));
const DOCUMENT_TOKENS = [
  ...['"manifests":', '"layers":[', '"config":', '"digest":', '"size":', '"data":"', '"platform":{', '"os.features":['],
  ...[
    '"mediaType":',
    '"application/vnd.oci.image.index.v1+json"',
    '"annotations":{',
    `"${DIGEST}"`,
    '-1',
    '1e308',
    'true',
    '[]',
    '{}',
    ',',
  ],
];

function parseBytes(text: string): void {
  // Half a character is what a text may hold and UTF-8 may not.
  const bytes = Buffer.from(text, /[\ud800-\udfff]/.test(text) ? 'latin1' : 'utf8');
  const content = parseDocument({ mediaType: 'application/json', digest: DIGEST, bytes }, 'fuzz');
  const descriptors = content.kind === 'index' ? content.manifests : [content.config, ...content.layers];
  for (const one of descriptors) {
    insist(isDigest(one.digest) && Number.isSafeInteger(one.size) && one.size >= 0, 'no digest, or no size');
    inlineData(one);
  }
  insist(Object.getPrototypeOf(content) === Object.prototype, 'a prototype that came from the document');
}

const challenge: Target = {
  name: 'challenge',
  corpus: [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/redis:pull"',
    'Basic realm="x", Bearer realm="https://r/token"',
    'Negotiate dGVzdA==, BASIC realm=x',
    ...vectors<{ headers: readonly string[] }>('challenges.json').flatMap(({ headers }) => headers),
  ],
  tokens: [
    'Bearer ',
    'Basic ',
    'realm=',
    'realm="',
    'scope="',
    ',',
    ' ',
    '=',
    '==',
    '"',
    '\\"',
    'error="insufficient_scope"',
  ],
  parse(text) {
    const found = parseChallenges([text]);
    for (const { scheme, params } of found)
      insist(scheme === scheme.toLowerCase() && Object.getPrototypeOf(params) === null, 'a scheme or its parameters');
  },
};

const link: Target = {
  name: 'Link',
  corpus: [
    '</v2/a/tags/list?last=b&n=1>; rel="next"',
    '</p>; rel="prev", <https://r.example/q>; REL=Next; title="a,b;c\\"d"',
    ...strings(
      vectors<{ input: { link?: readonly string[] } }>('pagination.json').flatMap(({ input }) => input.link ?? []),
    ),
  ],
  tokens: ['<', '>', ';', ' rel="next"', 'rel=next', ',', '"', '\\', '=', '//', 'http://[', 'data:', '..', '?', '#'],
  parse(text) {
    const target = nextLink(parseLinks([text]).links);
    if (target !== undefined) resolveLink(target, new URL('https://r.example/v2/a/tags/list?n=1000'));
  },
};

/** Every parser of foreign text, with what it is fed. */
export const TARGETS: readonly Target[] = [
  {
    name: 'reference',
    corpus: [
      'redis:7',
      `ghcr.io/org/app:main@sha256:${HEX}`,
      '[::1]:5000/a/b__c-d.e:x',
      'localhost/x',
      ...strings(
        [...vectors<{ input: unknown }>('reference.json'), ...vectors<{ input: unknown }>('ggcr_name.json')].map(
          ({ input }) => input,
        ),
      ).filter(Boolean),
    ],
    tokens: [
      '/',
      ':',
      '@',
      'sha256:',
      'sha512:',
      HEX,
      '.',
      '__',
      '--',
      'docker.io/',
      'library/',
      'A',
      '[',
      ']',
      ':5000',
    ],
    parse(text) {
      const reference = parseReference(text);
      const canonical = canonicalReference(reference);
      insist(canonicalReference(parseReference(canonical)) === canonical, `${canonical} is read as another`);
    },
  },
  challenge,
  link,
  rangedTransfer,
  retryAfter,
  hostsToml,
  registriesConf,
  { name: 'manifest', corpus: [...DOCUMENTS, ...documents()], tokens: DOCUMENT_TOKENS, parse: parseBytes },
  {
    name: 'image config',
    corpus: [
      '{"os":"linux","architecture":"arm64","variant":"v8","os.version":"1","rootfs":{"type":"layers","diff_ids":["' +
        DIGEST +
        '"]}}',
    ],
    tokens: [...DOCUMENT_TOKENS, '"rootfs":{', '"diff_ids":[', '"os":', '"architecture":'],
    parse: (text) => parseConfig(Buffer.from(text), 'fuzz'),
  },
  {
    name: 'config.json',
    corpus: [
      '{"auths":{"https://index.docker.io/v1/":{"auth":"dTpw"}},"credHelpers":{"ghcr.io":"x"},"credsStore":"y"}',
      ...strings(vectors<{ config?: unknown }>('dockerconfig.json').map(({ config }) => config)).filter(
        ({ length }) => length < 4000,
      ),
    ],
    tokens: [
      '"auths":{',
      '"auth":"',
      '"credHelpers":',
      '"credsStore":',
      '"identitytoken":',
      'null',
      '[]',
      '{}',
      ',',
      '"__proto__":{',
    ],
    parse(text) {
      const config = parseDockerConfig(text);
      insist(!('a' in {}), 'a prototype was changed');
      return config;
    },
  },
  {
    name: 'error body',
    corpus: [
      '{"errors":[{"code":"DENIED","message":"denied","detail":{}}]}',
      '{"details":"incorrect username or password"}',
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
      '<html><head><title>502 Bad Gateway</title></head></html>',
      ...strings(vectors<{ body?: unknown }>('errors.json').map(({ body }) => body)),
    ],
    tokens: [
      '<title',
      '<title ',
      'eyJaaaaaaaa-',
      'eyJaaaaaaaa.',
      'bearer ',
      'https://a?',
      '<message',
      '>',
      '<',
      '</',
      '"errors":[',
      '"message":"',
      '"code":',
      '{',
      '}',
      ',',
      '\u001b]',
      '\u001b[',
      '##[',
    ],
    parse(text) {
      const words = errorWords(text).text;
      insist(words.length <= 300 && clean(words) === words, `words that are not clean: ${JSON.stringify(words)}`);
    },
  },
];
