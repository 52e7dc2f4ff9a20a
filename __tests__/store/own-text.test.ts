import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeFolder } from '../../src/lib/make-folder.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { leasedDigests } from '../../src/store/lease.ts';
import { withLock } from '../../src/store/lock.ts';
import { listNames, listNameUses } from '../../src/store/names.ts';
import { readOwn } from '../../src/store/own-text.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pull-image-own-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const at = (...names: string[]) => path.join(root, ...names);
const pipe = (...names: string[]) => execFileSync('mkfifo', [at(...names)]);
const digest = digestOf('x');
const HOUR = 3_600_000;

test('a pipe and a folder are no text of the store', async () => {
  pipe('pipe');
  for (const place of [at('pipe'), root])
    await expect(readOwn(place)).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      message: `${place}: expected a file of the store, found something else`,
      hint: expect.stringContaining('Remove it'),
    });
});

describe('a pipe put into a store hangs nobody:', () => {
  test('in the place of its version it is an error', async () => {
    await openStore(root);
    await rm(at('oci-layout'));
    pipe('oci-layout');
    await expect(openStore(root)).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      message: expect.stringContaining('oci-layout: expected a file'),
    });
  });

  test('in the place of the index it counts as nothing', async () => {
    const store = await openStore(root);
    await rm(at('index.json'), { force: true });
    pipe('index.json');
    await store.record([{ name: 'redis:7', target: { mediaType: 'x/y', digest, size: 1 }, at: 1 }]);
    expect(await store.named('redis:7')).toMatchObject({ name: 'redis:7' });
    expect((await readOwn(at('index.json'))).text).toContain('"manifests"');
  });

  test('in the place of a name it is no name, and recording the name mends it', async () => {
    const store = await openStore(root);
    const record = { name: 'redis:7', target: { mediaType: 'x/y', digest, size: 1 }, at: 1 };
    await store.record([record]);
    const [file = ''] = await readdir(at('names'));
    await rm(at('names', file));
    pipe('names', file);
    pipe('names', 'another');
    expect(await store.named('redis:7')).toBeUndefined();
    expect([await listNames(root), await listNameUses(root)]).toEqual([[], []]);
    await store.record([record]);
    expect(await listNames(root)).toEqual([record]);
  });

  test('in the place of a lease it is an error: nobody knows what it would keep', async () => {
    await mkdir(at('leases'));
    pipe('leases', 'x.json');
    await expect(leasedDigests(root, Date.now())).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
  });

  test('in the place of a turn it is an error, and so is a turn that none can follow', async () => {
    const lock = () => withLock(root, { holder: 'us' }, async () => 'done');
    pipe('7');
    await expect(lock()).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
    await rm(at('7'));
    await writeFile(at('999999999999999'), 'free');
    await expect(lock()).rejects.toMatchObject({ code: 'STORE_UNUSABLE', hint: expect.stringContaining('Remove it') });
    await rm(at('999999999999999'));
    expect(await lock()).toBe('done');
  });
});

test('no lease holds for longer than its file is old, whatever it says', async () => {
  await mkdir(at('leases'));
  await writeFile(at('leases', 'x.json'), JSON.stringify({ expires: 9e15, digests: [digest] }));
  expect((await leasedDigests(root, Date.now())).blobs).toEqual(new Set([digest]));
  const long = (Date.now() - 7 * HOUR) / 1000;
  await utimes(at('leases', 'x.json'), long, long);
  expect((await leasedDigests(root, Date.now())).blobs).toEqual(new Set());
});

test('a folder is made with those above it, and what cannot be made is an error at once', async () => {
  await makeFolder(at('a', 'b', 'c'));
  await makeFolder(at('a', 'b', 'c'));
  expect(await readdir(at('a', 'b'))).toEqual(['c']);
  await expect(makeFolder('/proc/nothing/there')).rejects.toMatchObject({ syscall: 'mkdir' });
  await writeFile(at('file'), '');
  await expect(makeFolder(at('file', 'x'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});
