import { expect, test } from '@jest/globals';
import { PullError } from '../../src/errors.ts';
import type { Document } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { MAX_DOCUMENT_BYTES, parseDocument } from '../../src/oci/manifest.ts';
import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import { seeded, thrownBy } from './vectors.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const BLOB = { mediaType: 'application/x', digest: DIGEST, size: 7 };
const MANIFEST = { schemaVersion: 2, mediaType: OCI_MANIFEST, config: BLOB, layers: [BLOB] };
const INDEX = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [BLOB] };

function document(json: unknown, mediaType = ''): Document {
  const bytes = typeof json === 'string' ? Buffer.from(json) : Buffer.from(JSON.stringify(json));
  return { mediaType, digest: digestOf(bytes), bytes };
}
const parse = (json: unknown, mediaType = '') => parseDocument(document(json, mediaType), 'redis:7');

test('a manifest', () => {
  expect(parse(MANIFEST, OCI_MANIFEST)).toStrictEqual({
    kind: 'manifest',
    mediaType: OCI_MANIFEST,
    config: BLOB,
    layers: [BLOB],
  });
});

test('an index, its children with all they say of themselves', () => {
  const platform = { os: 'windows', architecture: 'amd64', 'os.version': '10.0.1', 'os.features': ['win32k'] };
  const child = {
    ...BLOB,
    platform: { ...platform, variant: 'v2', features: ['sse4'] },
    annotations: { a: 'b' },
    urls: ['https://example.com/x'],
    data: 'eA==',
    artifactType: 'application/y',
    custom: true,
  };
  expect(parse({ ...INDEX, manifests: [child] }, OCI_INDEX)).toStrictEqual({
    kind: 'index',
    mediaType: OCI_INDEX,
    manifests: [
      {
        ...BLOB,
        platform: { os: 'windows', architecture: 'amd64', variant: 'v2', osVersion: '10.0.1', osFeatures: ['win32k'] },
        annotations: { a: 'b' },
        urls: ['https://example.com/x'],
        data: 'eA==',
        artifactType: 'application/y',
      },
    ],
  });
});

test.each([
  ['the JSON where Content-Type is silent', { ...MANIFEST, mediaType: DOCKER_MANIFEST }, 'text/plain', DOCKER_MANIFEST],
  ['the JSON where Content-Type is general', { ...INDEX, mediaType: DOCKER_LIST }, 'application/json', DOCKER_LIST],
  ['Content-Type where the JSON is silent', { ...MANIFEST, mediaType: undefined }, DOCKER_MANIFEST, DOCKER_MANIFEST],
  ['Content-Type without its parameters', INDEX, `${OCI_INDEX}; charset=utf-8`, OCI_INDEX],
  ['the members of a manifest', { ...MANIFEST, mediaType: undefined }, '', OCI_MANIFEST],
  ['the members of an index', { manifests: [BLOB] }, 'application/octet-stream', OCI_INDEX],
  ['the members of an index that is null', { ...INDEX, mediaType: null }, '', OCI_INDEX],
])('the media type is that of %s', (_, json, contentType, expected) => {
  expect(parse(json, contentType).mediaType).toBe(expected);
});

test('null stands for what is absent, and a null list for an empty one', () => {
  const child = {
    ...BLOB,
    mediaType: null,
    platform: null,
    annotations: null,
    urls: null,
    data: null,
    artifactType: null,
  };
  expect(parse({ ...INDEX, manifests: [child] })).toMatchObject({
    manifests: [{ mediaType: '', digest: DIGEST, size: 7 }],
  });
  expect(parse({ ...MANIFEST, layers: null, manifests: null })).toMatchObject({ layers: [] });
  expect(parse({ ...INDEX, manifests: null }, OCI_INDEX)).toMatchObject({ manifests: [] });
});

test('children of unknown types are kept, for the caller to skip', () => {
  const mediaType = 'application/vnd.future.thing';
  expect(parse({ ...INDEX, manifests: [{ ...BLOB, mediaType }] })).toMatchObject({ manifests: [{ mediaType }] });
});

test.each([
  [{ os: 'linux' }],
  [{ os: '', architecture: 'amd64' }],
  [{ os: 'linux', architecture: 'a/b' }],
  [{ os: '..\n::error::', architecture: 'amd64' }],
  [{}],
])('the platform %j is none', (platform) => {
  expect(parse({ ...INDEX, manifests: [{ ...BLOB, platform }] })).toStrictEqual({
    kind: 'index',
    mediaType: OCI_INDEX,
    manifests: [BLOB],
  });
});

test('a variant, version or feature that cannot be printed is left out', () => {
  const platform = {
    os: 'linux',
    architecture: 'arm',
    variant: 'v\n7',
    'os.version': '\u001b',
    'os.features': ['', 'a', 'é'],
  };
  expect(parse({ ...INDEX, manifests: [{ ...BLOB, platform }] })).toStrictEqual({
    kind: 'index',
    mediaType: OCI_INDEX,
    manifests: [{ ...BLOB, platform: { os: 'linux', architecture: 'arm', osFeatures: ['a'] } }],
  });
});

const SCHEMA1 = 'Docker image manifest version 2, schema 1';

test.each<[title: string, json: unknown, contentType: string, reason: string]>([
  ['what is not JSON', '<html>', OCI_MANIFEST, 'expected JSON, found "<html>"'],
  ['nothing', '', OCI_MANIFEST, 'expected JSON, found nothing'],
  ['an echo of the login', 'Authorization: Basic bWU6c2VjcmV0', '', 'expected JSON, found "Authorization: Basic …"'],
  ['a list', '[]', OCI_MANIFEST, 'expected a JSON object, found "[]"'],
  ['null', 'null', OCI_INDEX, 'expected a JSON object, found "null"'],
  ['a byte order mark', `\ufeff${JSON.stringify(MANIFEST)}`, '', 'expected JSON'],
  ['a type that contradicts Content-Type', MANIFEST, OCI_INDEX, `expected ${OCI_INDEX}, found ${OCI_MANIFEST}`],
  ['a type that is no text', { ...MANIFEST, mediaType: 1 }, '', 'mediaType: expected text'],
  [
    'another type',
    { ...MANIFEST, mediaType: undefined },
    'text/html',
    'expected an image manifest or index, found text/html',
  ],
  ['another type inside', { mediaType: 'a/b' }, '', 'expected an image manifest or index, found a/b'],
  ['nothing known', {}, '', 'expected an image manifest or index, found an empty object'],
  ['unknown members', { errors: [], x: 1 }, 'application/json', 'found members errors, x'],
  [
    'a manifest with manifests',
    { ...MANIFEST, manifests: [] },
    '',
    'expected an image manifest, found one with "manifests" too',
  ],
  ['a manifest with fsLayers', { ...MANIFEST, fsLayers: [] }, '', 'found one with "fsLayers" too'],
  ['an index with layers', { ...INDEX, layers: [] }, OCI_INDEX, 'expected an index, found one with "layers" too'],
  ['an index with a config', { ...INDEX, config: BLOB }, '', 'expected an index, found one with "config" too'],
  ['both, without a type', { manifests: [BLOB], config: BLOB, layers: [] }, '', 'found one with "config" too'],
  ['schema 1 by Content-Type', 'x', 'application/vnd.docker.distribution.manifest.v1+prettyjws', SCHEMA1],
  ['schema 1 by type', { mediaType: 'application/vnd.docker.distribution.manifest.v1+json' }, '', SCHEMA1],
  ['schema 1 by version', { schemaVersion: 1, fsLayers: [] }, 'text/plain', SCHEMA1],
  ['schema 1 by members', { fsLayers: [], history: [] }, '', SCHEMA1],
  ['schema 1 by signatures', { ...MANIFEST, signatures: [] }, OCI_MANIFEST, SCHEMA1],
  ['schema 3', { ...MANIFEST, schemaVersion: 3 }, OCI_MANIFEST, 'schemaVersion: expected 2'],
  ['no config', { ...MANIFEST, config: undefined }, OCI_MANIFEST, 'expected config, found nothing'],
  ['no layers', { ...MANIFEST, layers: undefined }, OCI_MANIFEST, 'expected layers, found nothing'],
  ['no manifests', {}, OCI_INDEX, 'expected manifests, found nothing'],
  ['layers that are no list', { ...MANIFEST, layers: {} }, '', 'layers: expected a list of layers, found Object'],
  [
    'a child without a digest',
    { ...INDEX, manifests: [BLOB, { size: 1 }] },
    '',
    'expected manifests.1.digest, found nothing',
  ],
  ['a digest with a path', withBlob({ digest: 'sha256:../../x' }), '', 'layers.0.digest: expected sha256:<64'],
  [
    'an unknown algorithm',
    withBlob({ digest: `blake3:${'a'.repeat(64)}` }),
    '',
    'layers.0.digest: unsupported digest algorithm "blake3", expected sha256 or sha512',
  ],
  ['a digest that is no text', withBlob({ digest: 5 }), '', 'layers.0.digest: expected sha256:<64'],
  ['a negative size', withBlob({ size: -1 }), '', 'layers.0.size: expected a size in bytes, found -1'],
  ['half a byte', withBlob({ size: 0.5 }), '', 'layers.0.size: expected a size in bytes, found 0.5'],
  [
    'a size beyond counting',
    withBlob({ size: 2 ** 53 }),
    '',
    'layers.0.size: expected a size in bytes, found 9007199254740992',
  ],
  ['a size that is text', withBlob({ size: '7' }), '', 'layers.0.size: expected a size in bytes, found "7"'],
  [
    'a platform that is text',
    withBlob({ platform: 'linux' }),
    '',
    'layers.0.platform: expected a platform, found "linux"',
  ],
  [
    'annotations that are no texts',
    withBlob({ annotations: { a: 1 } }),
    '',
    'layers.0.annotations.a: expected text, found 1',
  ],
  [
    'a hostile annotation',
    withBlob({ annotations: { '::error::\n##[x': 1 } }),
    '',
    'annotations.: :error: : # #[x: expected text',
  ],
  [
    'layers that readers in Go would take for the layers',
    { ...MANIFEST, Layers: [] },
    '',
    'a member named "Layers", which some readers take for "layers"',
  ],
  ['a digest they would take for the digest', withBlob({ DIGEST: `sha256:${'0'.repeat(64)}` }), '', 'named "DIGEST"'],
  ['a platform they would take', withBlob({ platform: { os: 'linux', OS: 'windows' } }), '', 'named "OS"'],
  ['manifests they would take', { ...INDEX, 'manifest\u017f': [] }, '', 'named "manifest\u017f"'],
  ['1001 layers', { ...MANIFEST, layers: Array(1001).fill(BLOB) }, '', 'expected at most 1000 layers, found 1001'],
  [
    '10001 manifests',
    { ...INDEX, manifests: Array(10_001).fill(0) },
    '',
    'expected at most 10000 manifests, found 10001',
  ],
])('refused: %s', (_, json, contentType, reason) => {
  const error = thrownBy(() => parse(json, contentType));
  expect(error).toBeInstanceOf(PullError);
  expect(error).toMatchObject({
    code: 'MANIFEST_INVALID',
    subject: 'redis:7',
    reason: expect.stringContaining(reason),
  });
});

test('more than 4 MiB are refused before they are read, 4 MiB are not', () => {
  const padded = (size: number) => JSON.stringify(MANIFEST).padEnd(size, ' ');
  expect(parse(padded(MAX_DOCUMENT_BYTES)).kind).toBe('manifest');
  expect(() => parse(padded(MAX_DOCUMENT_BYTES + 1))).toThrow('redis:7: expected at most 4194304 bytes, found 4194305');
});

test('text that is not UTF-8 is refused', () => {
  const bytes = Buffer.from(JSON.stringify({ ...MANIFEST, note: '~' }).replace('~', '\xff'), 'latin1');
  expect(() => parseDocument({ mediaType: '', digest: digestOf(bytes), bytes }, 'x')).toThrow('expected JSON');
});

test('of two members with one name the last counts, for every question asked of the document', () => {
  const twice = `{"mediaType":"${OCI_INDEX}","manifests":null,${JSON.stringify(MANIFEST).slice(1)}`;
  expect(parse(twice)).toMatchObject({ kind: 'manifest', mediaType: OCI_MANIFEST });
});

test('members named like those of every object are not taken for them', () => {
  const parsed = parse(`{"__proto__":{"config":1},"mediaType":"${OCI_INDEX}","manifests":[${JSON.stringify(BLOB)}]}`);
  expect(parsed).toMatchObject({ kind: 'index' });
});

test('no mutation of a document makes the parser throw anything but a PullError', () => {
  const random = seeded(4);
  const seeds = [MANIFEST, { ...INDEX, manifests: [{ ...BLOB, platform: { os: 'linux', architecture: 'arm' } }] }];
  const values = ['null', '{}', '[]', '-1', '1e99', '"x"', 'true', '{"__proto__":1}', '[[[['];
  for (let round = 0; round < 3000; round += 1) {
    const text = JSON.stringify(seeds[round % seeds.length]);
    const at = Math.floor(random() * text.length);
    const length = Math.floor(random() * 20);
    const value = values[Math.floor(random() * values.length)] ?? '';
    const mutant = random() < 0.5 ? text.replace(/"[^"]*"|\d+/g, (part) => (random() < 0.1 ? value : part)) : '';
    const error = thrownBy(() => parse(mutant || text.slice(0, at) + value + text.slice(at + length)));
    if (error !== undefined) expect(error).toMatchObject({ name: 'PullError', code: 'MANIFEST_INVALID' });
  }
});

function withBlob(change: object): unknown {
  return { ...MANIFEST, layers: [{ ...BLOB, ...change }] };
}
