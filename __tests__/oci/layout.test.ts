import { expect, test } from '@jest/globals';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { blobPath, INDEX_FILE, LAYOUT_CONTENT, LAYOUT_FILE, layoutIndex, REF_NAME } from '../../src/oci/layout.ts';
import { parseDocument } from '../../src/oci/manifest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.ts';

const target: Descriptor = { mediaType: OCI_MANIFEST, digest: digestOf('a'), size: 1 };

test('the fixed names and contents are those of image-spec', () => {
  expect([LAYOUT_FILE, INDEX_FILE]).toEqual(['oci-layout', 'index.json']);
  expect(JSON.parse(LAYOUT_CONTENT)).toEqual({ imageLayoutVersion: '1.0.0' });
  expect(REF_NAME).toBe('org.opencontainers.image.ref.name');
});

test('a blob lies under its algorithm and hex digits', () => {
  expect(blobPath(digestOf(''))).toBe('blobs/sha256/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(blobPath(digestOf('', 'sha512'))).toMatch(/^blobs\/sha512\/cf83e1357eef[0-9a-f]{116}$/);
});

test('the index is the same whatever the order of the entries', () => {
  const entries = ['b', 'a:2', 'a:10', 'B'].map((name) => ({ name, target }));
  const text = layoutIndex(entries);
  expect(layoutIndex(entries.toReversed())).toBe(text);
  const names = JSON.parse(text).manifests.map(
    (one: { annotations: Record<string, string> }) => one.annotations[REF_NAME],
  );
  expect(names).toEqual(['B', 'a:10', 'a:2', 'b']);
});

test('an entry has its names, what it points to and its platform, and no annotation of somebody else', () => {
  const platform = { os: 'windows', architecture: 'amd64', osVersion: '10.0.1', osFeatures: ['win32k'] };
  const annotations = { [REF_NAME]: 'evil', other: 'x' };
  const text = layoutIndex([
    { name: 'redis:7', target: { ...target, platform, annotations } },
    { name: 'x', target: { ...target, annotations } },
  ]);
  expect(JSON.parse(text)).toStrictEqual({
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [
      {
        ...target,
        platform: { architecture: 'amd64', os: 'windows', 'os.version': '10.0.1', 'os.features': ['win32k'] },
        annotations: { [REF_NAME]: 'redis:7' },
      },
      { ...target, annotations: { [REF_NAME]: 'x' } },
    ],
  });
});

test('what is written is read back as an index, also when there is nothing in it', () => {
  const bytes = Buffer.from(layoutIndex([{ name: 'a', target: { ...target, artifactType: 'a/b' } }]));
  expect(parseDocument({ mediaType: OCI_INDEX, digest: digestOf(bytes), bytes }, 'store')).toMatchObject({
    kind: 'index',
    manifests: [{ ...target, artifactType: 'a/b' }],
  });
  expect(JSON.parse(layoutIndex([]))).toEqual({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] });
});

test('entries of one name stay in the order given, so that what is to be read first comes first', () => {
  const [readAs, target] = ['first', 'second'].map((text) => ({
    mediaType: OCI_INDEX,
    digest: digestOf(text),
    size: 1,
  }));
  if (!readAs || !target) throw new Error('two entries were made');
  const { manifests } = JSON.parse(
    layoutIndex([
      { name: 'b', target: readAs },
      { name: 'b', target },
      { name: 'a', target },
    ]),
  );
  expect(manifests.map(({ digest }: { digest: string }) => digest)).toEqual([
    target.digest,
    readAs.digest,
    target.digest,
  ]);
});
