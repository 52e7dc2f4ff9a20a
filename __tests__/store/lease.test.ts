import { mkdir, readdir, readFile, rmdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { leasedDigests, removeLease, writeLease } from '../../src/store/lease.ts';
import { randomBlob, tempFolder } from '../support/store-blobs.ts';

const HOUR = 3_600_000;
const digest = randomBlob(3).descriptor.digest;

let folder: Awaited<ReturnType<typeof tempFolder>>;
let leases: string;
beforeEach(async () => {
  folder = await tempFolder();
  leases = join(folder.path, 'leases');
  for (const name of ['ingest', 'leases']) await mkdir(join(folder.path, name));
});
afterEach(() => folder.dispose());

test('a lease names its job and its blobs, each once, and expires after 6 hours', async () => {
  const file = await writeLease(folder.path, '9155', [digest, digest], 1000);
  expect(await readdir(leases)).toEqual([file]);
  expect(file).toMatch(/^9155-[0-9a-f-]{36}\.json$/);
  const content = JSON.parse(await readFile(join(leases, file), 'utf8'));
  expect(content).toEqual({ run: '9155', expires: 1000 + 6 * HOUR, digests: [digest] });
});

test('a job’s name cannot lead out of the folder', async () => {
  await writeLease(folder.path, `../../${'x'.repeat(300)}`, [digest], 1000);
  expect(await readdir(leases)).toHaveLength(1);
});

test('each lease takes the expired ones away and leaves the others', async () => {
  await writeLease(folder.path, 'old', [digest], 0);
  await writeLease(folder.path, 'mid', [digest], 3 * HOUR);
  await writeFile(join(leases, 'damaged-old.json'), '{');
  await utimes(join(leases, 'damaged-old.json'), 0, 0);
  await writeFile(join(leases, 'damaged-young.json'), '{');
  await writeLease(folder.path, 'new', [digest], 6 * HOUR);
  const runs = (await readdir(leases)).map((file) => file.replace(/-[0-9a-f-]{36}|\.json$/g, ''));
  expect(runs.sort()).toEqual(['damaged-young', 'mid', 'new']);
});

test('what is leased is what any lease names that has not expired, to the millisecond', async () => {
  const [other, third] = [randomBlob(4).descriptor.digest, randomBlob(5).descriptor.digest];
  await writeLease(folder.path, 'one', [digest, other], 0);
  await writeLease(folder.path, 'two', [other, third], 1000);
  expect((await leasedDigests(folder.path, 6 * HOUR - 1)).blobs).toEqual(new Set([digest, other, third]));
  expect((await leasedDigests(folder.path, 6 * HOUR)).blobs).toEqual(new Set([other, third]));
  expect(await readdir(leases)).toHaveLength(1);
  expect((await leasedDigests(folder.path, 6 * HOUR + 1000)).blobs).toEqual(new Set());
  expect(await readdir(leases)).toEqual([]);
});

test('a lease of bytes alone keeps no name, and expires when it was to', async () => {
  await writeLease(folder.path, 'told', [digest], 0, HOUR);
  const other = randomBlob(4).descriptor.digest;
  await writeLease(folder.path, 'job', [other], 0);
  expect(await leasedDigests(folder.path, HOUR - 1)).toEqual({
    blobs: new Set([digest, other]),
    targets: new Set([other]),
  });
  expect((await leasedDigests(folder.path, HOUR)).blobs).toEqual(new Set([other]));
});

test('of a lease only digests are believed', async () => {
  const content = { expires: 2 * HOUR, digests: [digest, '../../etc/passwd', 7, null] };
  await writeFile(join(leases, 'odd.json'), JSON.stringify(content));
  expect((await leasedDigests(folder.path, HOUR)).blobs).toEqual(new Set([digest]));
});

test('who cannot read a lease does not say that nothing is leased', async () => {
  await mkdir(join(leases, 'folder.json'));
  await expect(leasedDigests(folder.path, 0)).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
  await writeLease(folder.path, 'new', [digest], 0);
});

test('a store without the folder has no leases', async () => {
  await rmdir(leases);
  expect((await leasedDigests(folder.path, 0)).blobs).toEqual(new Set());
});

test('a lease is removed by its name, and nothing else is by what is no lease’s name', async () => {
  const file = await writeLease(folder.path, 'run', [digest], 1000);
  await writeFile(join(folder.path, 'index.json'), '{}');
  for (const name of ['../index.json', `x/../${file}`, '', '.', `${file}\0`]) await removeLease(folder.path, name);
  expect(await readdir(leases)).toEqual([file]);
  expect(await readdir(folder.path)).toContain('index.json');
  await removeLease(folder.path, file);
  await removeLease(folder.path, file);
  expect(await readdir(leases)).toEqual([]);
});
