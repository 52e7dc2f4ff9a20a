import { cpSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { blobPath, INDEX_FILE, LAYOUT_CONTENT, LAYOUT_FILE, layoutIndex, REF_NAME } from '../../src/oci/layout.ts';
import type { NameRecord, Store } from '../../src/ports.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { writeNames } from '../../src/store/names.ts';
import { rebuildIndex } from '../../src/store/root-index.ts';
import { inChunks, randomBlob, tempFolder } from '../support/store-blobs.ts';

let folder: Awaited<ReturnType<typeof tempFolder>>;
let root: string;
beforeEach(async () => {
  folder = await tempFolder();
  root = folder.path;
});
afterEach(() => folder.dispose());

const indexText = () => readFile(join(root, INDEX_FILE), 'utf8');
const turns = () => readdir(join(root, 'lock'));

async function named(store: Store, name: string, at = 1): Promise<NameRecord> {
  const { bytes, descriptor } = randomBlob(100);
  await store.write(descriptor, inChunks(bytes));
  return { name, target: descriptor, at };
}

/** What another tool would have written: a blob and an entry with more in it than we know of. */
async function foreignEntry(store: Store, annotations?: object) {
  const { target } = await named(store, '');
  return { ...target, annotations, 'x-theirs': [1, 2] };
}

test('index.json is what the layout module makes of the names', async () => {
  const store = await openStore(root);
  const records = [await named(store, 'redis:7'), await named(store, 'busybox:1')];
  await store.record(records);
  expect(await indexText()).toBe(layoutIndex(records));
  const moved = await named(store, 'redis:7', 2);
  await store.record([moved]);
  expect(await indexText()).toBe(layoutIndex([moved, ...records.slice(1)]));
});

test('when only the time of a name is new, index.json stays and no lock is taken', async () => {
  const store = await openStore(root);
  const record = await named(store, 'redis:7');
  await store.record([record]);
  const before = [await indexText(), await turns()];
  await store.record([{ ...record, at: 2 }]);
  expect([await indexText(), await turns()]).toEqual(before);
  expect((await store.named('redis:7'))?.at).toBe(2);
  await store.record([{ ...record, target: (await named(store, 'x')).target }]);
  expect(await turns()).not.toEqual(before[1]);
});

test('a name whose blob is not here is remembered but not listed', async () => {
  const store = await openStore(root);
  const absent = { name: 'redis:7', target: randomBlob(5).descriptor, at: 1 };
  const here = await named(store, 'busybox:1');
  await store.record([absent, here]);
  expect(await store.named('redis:7')).toEqual(absent);
  expect(await indexText()).toBe(layoutIndex([here]));
});

test('a discarded blob is not listed any more, and is again when it is back', async () => {
  const store = await openStore(root);
  const { bytes, descriptor } = randomBlob(100);
  const record = { name: 'redis:7', target: descriptor, at: 1 };
  await store.write(descriptor, inChunks(bytes));
  await store.record([record]);
  await store.discard(descriptor.digest);
  expect(await indexText()).toBe(layoutIndex([]));
  await store.write(descriptor, inChunks(bytes));
  await store.record([record]);
  expect(await indexText()).toBe(layoutIndex([record]));
});

test.each([
  ['missing', (path: string) => rm(path)],
  ['cut short', (path: string) => writeFile(path, '{"schemaVersion":2,')],
  ['without entries', (path: string) => writeFile(path, '{}')],
  ['older than the names', (path: string) => writeFile(path, layoutIndex([]))],
])('an index.json that is %s is made anew from the names', async (kind, damage) => {
  const store = await openStore(root);
  const record = await named(store, 'redis:7');
  await store.record([record]);
  await damage(join(root, INDEX_FILE));
  const again = await openStore(root);
  // A whole index is not looked into before it matters.
  if (kind.startsWith('older')) await again.record([record]);
  expect(await indexText()).toBe(layoutIndex([record]));
});

test('another tool’s layout is taken as it is', async () => {
  await writeFile(join(root, LAYOUT_FILE), LAYOUT_CONTENT.replace('":"', '": "'));
  const index = '{ "schemaVersion": 2,\n"manifests": [] }';
  await writeFile(join(root, INDEX_FILE), index);
  await openStore(root);
  expect(await indexText()).toBe(index);
});

test('another tool’s entries stay as they are, after ours', async () => {
  const store = await openStore(root);
  const theirs = [
    await foreignEntry(store),
    await foreignEntry(store, { [REF_NAME]: 'theirs:1' }),
    await foreignEntry(store, { [REF_NAME]: 7 }),
  ];
  await writeFile(join(root, INDEX_FILE), JSON.stringify({ schemaVersion: 2, manifests: theirs }));
  const ours = [await named(store, 'redis:7'), await named(store, 'zzz:1')];
  await store.record(ours);
  const base = JSON.parse(layoutIndex(ours));
  expect(JSON.parse(await indexText())).toEqual({ ...base, manifests: [...base.manifests, ...theirs] });
  const before = await turns();
  await store.record(ours);
  expect(await turns()).toEqual(before);
});

test('another tool’s entry goes when we record its name, when its blob is gone, or when it is none', async () => {
  const store = await openStore(root);
  const same = await foreignEntry(store, { [REF_NAME]: 'redis:7' });
  const gone = await foreignEntry(store, { [REF_NAME]: 'gone:1' });
  await rm(join(root, blobPath(gone.digest)));
  const malformed = [{ digest: 'sha256:../../x', size: 1 }, { size: 1 }, 'text', null, 7];
  await writeFile(join(root, INDEX_FILE), JSON.stringify({ schemaVersion: 2, manifests: [same, gone, ...malformed] }));
  const ours = await named(store, 'redis:7');
  await store.record([ours]);
  expect(await indexText()).toBe(layoutIndex([ours]));
});

test('what other tools are to read under a name is listed before what it means', async () => {
  const store = await openStore(root);
  const [{ target }, { target: readAs }] = [await named(store, ''), await named(store, '')];
  const record = { name: 'redis:7', target, readAs, at: 1 };
  const both = [readAs, target].map((descriptor) => ({ name: 'redis:7', target: descriptor }));
  await store.record([record]);
  expect(await indexText()).toBe(layoutIndex(both));
  const before = await turns();
  await store.record([{ ...record, at: 2 }]);
  expect(await turns()).toEqual(before);
  await store.record([{ name: 'redis:7', target, at: 3 }]);
  expect(await indexText()).toBe(layoutIndex(both.slice(1)));
});

test('who comes back with what the names said long ago looks again, and makes index.json right', async () => {
  const store = await openStore(join(root, 'store'));
  const [old, young] = [await named(store, 'old:1'), await named(store, 'young:1')];
  await store.record([young]);
  const [kept, names, index] = [join(root, 'kept'), join(store.root, 'names'), join(store.root, INDEX_FILE)];
  await cp(store.root, kept, { recursive: true });
  await rm(names, { recursive: true });
  await mkdir(names);
  await rm(index);
  await writeNames(store.root, [old]);
  // Asked about the first name, when all names were read: then the other process has come and gone.
  let gone = false;
  class Meanwhile extends Set<string | undefined> {
    override has(name: string | undefined): boolean {
      if (name === 'old:1' && !gone) cpSync(kept, store.root, { recursive: true });
      gone ||= name === 'old:1';
      return false;
    }
  }
  await rebuildIndex(store.root, new Meanwhile());
  expect(await readFile(index, 'utf8')).toBe(layoutIndex([old, young]));
});

test('a name that is asked for is marked as used', async () => {
  const store = await openStore(root, { now: () => 1_000_000_000_000 });
  await store.record([await named(store, 'redis:7')]);
  await store.named('redis:7');
  const [file = ''] = await readdir(join(root, 'names'));
  expect((await stat(join(root, 'names', file))).mtimeMs).toBe(1_000_000_000_000);
});
