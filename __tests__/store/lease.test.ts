import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { writeLease } from '../../src/store/lease.ts';
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
  await writeLease(folder.path, '9155', [digest, digest], 1000);
  const [file = ''] = await readdir(leases);
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
