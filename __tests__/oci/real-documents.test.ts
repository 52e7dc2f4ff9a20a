import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { Document } from '../../src/oci/descriptor.ts';
import { digestOf, parseDigest } from '../../src/oci/digest.ts';
import { inlineData, parseDocument } from '../../src/oci/manifest.ts';
import { OCI_MANIFEST } from '../../src/oci/media-types.ts';
import { SHARED } from './vectors.ts';

const folder = path.join(SHARED, 'manifests');
const described: readonly Described[] = existsSync(folder)
  ? JSON.parse(readFileSync(path.join(folder, 'index.json'), 'utf8'))
  : [];

test('every one is described, and none is missing', () => {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file !== 'index.json') : [];
  expect(described.map(({ file }) => file).sort()).toEqual(files.sort());
});

test('the digest over the bytes as they are is the published one', () => {
  const differing = described.filter(({ file, digest }) => digestOf(readFileSync(path.join(folder, file))) !== digest);
  expect(differing).toEqual([]);
});

test('each is read as what it is, with and without its Content-Type', () => {
  for (const one of described.filter(({ features }) => !features.includes('schema 1'))) {
    for (const mediaType of [one.mediaType ?? '', 'text/plain']) {
      const parsed = parseDocument(realDocument(folder, one, mediaType), one.file);
      const counts = parsed.kind === 'index' ? [parsed.manifests.length, 0] : [0, parsed.layers.length];
      expect([one.file, parsed.kind, ...counts]).toEqual([one.file, one.kind, one.children, one.layers]);
      expect(parsed.mediaType).toBe(one.mediaType ?? OCI_MANIFEST);
    }
  }
});

test('those of schema 1 are refused, and only those', () => {
  for (const one of described.filter(({ features }) => features.includes('schema 1'))) {
    for (const mediaType of [one.mediaType ?? '', 'text/plain']) {
      expect(() => parseDocument(realDocument(folder, one, mediaType), one.file)).toThrow('schema 1');
    }
  }
});

test('data they carry inline is what their digests say', () => {
  for (const one of described.filter(({ features }) => features.includes('embedded data'))) {
    const parsed = parseDocument(realDocument(folder, one, ''), one.file);
    expect(parsed.kind === 'manifest' && inlineData(parsed.config)).toEqual(Buffer.from('{}'));
  }
});

interface Described {
  readonly file: string;
  readonly digest: string;
  readonly mediaType: string | null;
  readonly kind: string;
  readonly children: number;
  readonly layers: number;
  readonly features: readonly string[];
}

function realDocument(folder: string, { file, digest }: Described, mediaType: string): Document {
  return { mediaType, digest: parseDigest(digest), bytes: readFileSync(path.join(folder, file)) };
}
