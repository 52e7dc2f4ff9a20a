import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { INDEX_FILE, LAYOUT_FILE, REF_NAME } from '../../src/oci/layout.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { runChild } from '../support/child.ts';
import { tempFolder } from '../support/store-blobs.ts';

const LOCK_TIMES = { beat: 40, stale: 600, poll: 10, wait: 20_000 };

// Real processes on a busy machine take their time.
jest.setTimeout(60_000);

let folder: Awaited<ReturnType<typeof tempFolder>>;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder.dispose());

/** Every blob of the store and every name in `index.json`, after seeing that all are what they are called. */
async function audit(root: string): Promise<Map<string, string>> {
  const blobs = join(root, 'blobs', 'sha256');
  const files = await readdir(blobs);
  for (const file of files) expect(digestOf(await readFile(join(blobs, file)))).toBe(`sha256:${file}`);
  const { manifests } = JSON.parse(await readFile(join(root, INDEX_FILE), 'utf8'));
  const names = new Map<string, string>();
  for (const { annotations, digest } of manifests) {
    expect(files).toContain(digest.slice('sha256:'.length));
    names.set(annotations[REF_NAME], digest);
  }
  return names;
}

const lines = (output: string) =>
  output
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' '));

test('four processes on one store: every name of each is there', async () => {
  const root = join(folder.path, 'store');
  const children = ['a', 'b', 'c', 'd'].map((prefix) => runChild('store-child.ts', [root, prefix, '12']));
  for (const child of children) expect(await child.ended).toBe(0);
  const names = await audit(root);
  expect(names.size).toBe(48);
  for (const [name = '', digest] of children.flatMap((child) => lines(child.output()))) {
    expect(names.get(name)).toBe(digest);
  }
  expect(await readdir(join(root, 'ingest'))).toEqual([]);
});

test('killed at any moment, the store is valid, keeps what was said to be in, and goes on', async () => {
  const root = join(folder.path, 'store');
  const said: string[][] = [];
  for (let kill = 0; kill < 6; kill += 1) {
    const child = runChild('store-child.ts', [root, `run${kill}`, '1000']);
    await child.says(`run${kill}:`);
    await sleep(Math.random() * 60);
    child.process.kill('SIGKILL');
    expect(await child.ended).toBe('SIGKILL');
    said.push(...lines(child.output()));
    const names = await audit(root);
    for (const [name = '', digest] of said) expect(names.get(name)).toBe(digest);

    // Takes over the lock if the dead one held it; only a test is so impatient.
    const store = await openStore(root, { lockTimes: LOCK_TIMES });
    const last = await store.named(said.at(-1)?.[0] ?? '');
    await store.record(last === undefined ? [] : [{ ...last, name: `after${kill}` }]);
    expect((await audit(root)).has(`after${kill}`)).toBe(true);
  }
});

test('killed while it makes the store, the next one makes it whole', async () => {
  for (let kill = 0; kill < 4; kill += 1) {
    const root = join(folder.path, `store${kill}`);
    await mkdir(root);
    const child = runChild('store-child.ts', [root, 'run', '1000']);
    // The first step is when there is anything; the rest takes a few milliseconds.
    while ((await readdir(root)).length === 0 && child.process.exitCode === null) await sleep(1);
    await sleep(kill);
    child.process.kill('SIGKILL');
    expect(await child.ended).toBe('SIGKILL');
    await openStore(root, { lockTimes: LOCK_TIMES });
    expect(await readdir(root)).toEqual(expect.arrayContaining([INDEX_FILE, LAYOUT_FILE]));
    await audit(root);
  }
});
