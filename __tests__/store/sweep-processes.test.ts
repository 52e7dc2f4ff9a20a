import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { storeCare } from '../../src/store/care.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { runChild } from '../support/child.ts';
import { auditStore, unfinished } from '../support/store-audit.ts';
import { tempFolder } from '../support/store-blobs.ts';
import { blobsIn, listedNames } from '../support/stored-image.ts';

const HOUR = 3_600_000;
const LOCK_TIMES = { beat: 40, stale: 600, poll: 10, wait: 20_000 };

// Real processes on a busy machine take their time.
jest.setTimeout(60_000);

let folder: Awaited<ReturnType<typeof tempFolder>>;
let root: string;
beforeEach(async () => {
  folder = await tempFolder();
  root = join(folder.path, 'store');
});
afterEach(() => folder.dispose());

const run = (...args: string[]) => runChild('sweep-child.ts', [root, ...args]);

test('four processes on one store, one sweeps at 1 MB, one was killed with a lease in its hand: nothing in use is swept', async () => {
  const holder = run('hold', '7');
  await holder.says('holding');
  holder.process.kill('SIGKILL');
  expect(await holder.ended).toBe('SIGKILL');

  const jobs = ['0', '1', '2'].map((first) => run('jobs', first, '15'));
  const sweeper = run('sweep', '1000000');
  // Each job sees for itself that what it uses is there, and ends badly if not.
  expect(await Promise.all(jobs.map(({ ended }) => ended))).toEqual([0, 0, 0]);
  sweeper.process.stdin?.end();
  expect(await sweeper.ended).toBe(0);
  const swept = JSON.parse(sweeper.output());
  process.stderr.write(`swept while 45 jobs ran: ${sweeper.output()}`);
  expect(swept.images).toBeGreaterThan(0);

  const { names } = await auditStore(root);
  expect([...names.keys()]).toContain('app:7');
  expect(await unfinished(root)).toEqual([]);
  expect(await readdir(join(root, 'leases'))).toHaveLength(1);

  const inTime = (hours: number) => storeCare(root, { now: () => Date.now() + hours * HOUR });
  await inTime(5.9).sweep(0);
  expect(await listedNames(root)).toEqual(['app:7']);
  expect((await auditStore(root)).blobs.size).toBe(4);
  await inTime(6.1).sweep(0);
  expect(await blobsIn(root)).toEqual([]);
  expect(await listedNames(root)).toEqual([]);
  expect(await readdir(join(root, 'leases'))).toEqual([]);
});

test('killed while it sweeps, the store is valid, and the next sweep goes on', async () => {
  await openStore(root);
  const left: number[] = [];
  for (let kill = 0; kill < 6; kill += 1) {
    const jobs = run('jobs', '0', '6');
    await jobs.ended;
    const sweeper = run('sweep', '0');
    while ((await blobsIn(root)).length > 0 && (await listedNames(root)).length === 6) await sleep(1);
    await sleep(Math.random() * 8);
    sweeper.process.kill('SIGKILL');
    expect(await sweeper.ended).toBe('SIGKILL');
    left.push((await auditStore(root)).blobs.size);
    // Takes over the lock if the dead one held it; only a test is so impatient.
    await storeCare(root, { lockTimes: LOCK_TIMES }).sweep(0);
    expect(await blobsIn(root)).toEqual([]);
    expect(await listedNames(root)).toEqual([]);
    expect(await readdir(join(root, 'names'))).toEqual([]);
  }
  process.stderr.write(`killed while sweeping, leaving so many of 19 blobs: ${left.join(', ')}\n`);
});
