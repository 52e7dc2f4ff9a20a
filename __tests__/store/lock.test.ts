import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { withLock } from '../../src/store/lock.ts';
import { runChild } from '../support/child.ts';
import { tempFolder } from '../support/store-blobs.ts';

const TIMES = { beat: 40, stale: 600, poll: 10, wait: 20_000 };
const IMPATIENT = { ...TIMES, wait: 100 };
const asked = { holder: 'the test', times: TIMES };

// Real processes on a busy machine take their time.
jest.setTimeout(60_000);

let folder: Awaited<ReturnType<typeof tempFolder>>;
let dir: string;
beforeEach(async () => {
  folder = await tempFolder();
  dir = folder.path;
});
afterEach(() => folder.dispose());

const free = async () => 'free';

test('one at a time within a process, each after the other’s end', async () => {
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await sleep(2);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLock(dir, asked, work)));
  expect(most).toBe(1);
  expect((await readdir(dir)).length).toBe(1);
});

test('while the work runs the lock is held', async () => {
  await withLock(dir, asked, async (held) => expect(await held()).toBe(true));
});

test('the lock is free again when the work fails', async () => {
  const failure = new Error('no');
  await expect(withLock(dir, asked, () => Promise.reject(failure))).rejects.toBe(failure);
  expect(await withLock(dir, { holder: 'next', times: IMPATIENT }, free)).toBe('free');
});

test('four processes count to 100 together and lose nothing', async () => {
  const file = join(dir, 'number.txt');
  await writeFile(file, '0');
  const args = [dir, JSON.stringify({ ...TIMES, poll: 2 }), file, '25'];
  await Promise.all(Array.from({ length: 4 }, () => runChild('lock-child.ts', args).ended));
  expect(await readFile(file, 'utf8')).toBe('100');
});

test('a living holder is waited for, and the error says who it is and since when', async () => {
  const before = new Date().toISOString();
  const child = runChild('lock-child.ts', [dir, JSON.stringify(TIMES), 'hold']);
  await child.says('held');
  // Longer than a silent holder would be borne.
  const times = { ...TIMES, wait: 2 * TIMES.stale };
  const error = await withLock(dir, { holder: 'the test', times }, free).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'STORE_LOCKED', subject: dir, temporary: true });
  const [, since = ''] = /^locked by the child since (\S+)$/.exec(error.reason) ?? [];
  expect(since >= before && since <= new Date().toISOString()).toBe(true);

  const next = withLock(dir, asked, free);
  child.process.stdin?.end();
  expect(await next).toBe('free');
  expect(await child.ended).toBe(0);
});

test('the lock of a killed holder is taken over', async () => {
  const child = runChild('lock-child.ts', [dir, JSON.stringify(TIMES), 'hold']);
  await child.says('held');
  child.process.kill('SIGKILL');
  await child.ended;
  await expect(withLock(dir, { holder: 'early', times: IMPATIENT }, free)).rejects.toMatchObject({
    code: 'STORE_LOCKED',
  });
  expect(await withLock(dir, asked, free)).toBe('free');
});

test('a holder that was stopped and comes back does not free the lock of the next', async () => {
  const child = runChild('lock-child.ts', [dir, JSON.stringify(TIMES), 'hold']);
  await child.says('held');
  child.process.kill('SIGSTOP');
  await withLock(dir, asked, async () => {
    child.process.kill('SIGCONT');
    await child.says('lost');
    child.process.stdin?.end();
    expect(await child.ended).toBe(0);
    const third = withLock(dir, { holder: 'third', times: IMPATIENT }, free);
    await expect(third).rejects.toMatchObject({ code: 'STORE_LOCKED', reason: /^locked by the test / });
  });
  expect(await withLock(dir, { holder: 'third', times: IMPATIENT }, free)).toBe('free');
});

test('of many who find a dead holder one takes over at a time', async () => {
  await writeFile(join(dir, '41'), 'held {"holder":"the dead","since":"long ago"}\n');
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 6 }, () =>
      withLock(dir, asked, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await sleep(2);
        inside -= 1;
      }),
    ),
  );
  expect(most).toBe(1);
  expect(await readdir(dir)).toEqual(['47']);
});

test.each([
  ['an hour behind', -3600],
  ['an hour ahead', 3600],
])('a holder whose clock is %s is alive while its sign changes, and dead when not', async (_, offset) => {
  const file = join(dir, '7');
  await writeFile(file, 'held {"holder":"elsewhere","since":"then"}\n');
  let ticks = 0;
  const tick = () => utimes(file, 0, Math.floor(Date.now() / 1000) + offset - ticks++ * 10);
  await tick();
  const timer = setInterval(() => void tick().catch(() => {}), 50);
  const times = { ...TIMES, wait: 2 * TIMES.stale };
  await expect(withLock(dir, { holder: 'the test', times }, free)).rejects.toMatchObject({
    reason: 'locked by elsewhere since then',
  });
  clearInterval(timer);
  expect(await withLock(dir, asked, free)).toBe('free');
});

test('whoever waits can be cancelled', async () => {
  const signal = AbortSignal.abort();
  await expect(withLock(dir, { ...asked, signal }, free)).rejects.toMatchObject({ code: 'CANCELLED' });
  const leaving = new AbortController();
  await withLock(dir, asked, async () => {
    const waiting = withLock(dir, { ...asked, signal: leaving.signal }, free);
    leaving.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

test('what a foreign file says cannot be a workflow command', async () => {
  await writeFile(join(dir, '1'), 'held {"holder":"::error::x ##[y]","since":"\n"}');
  const error = await withLock(dir, { holder: 'the test', times: IMPATIENT }, free).catch((thrown) => thrown);
  expect(error.code).toBe('STORE_LOCKED');
  expect(error.message).not.toMatch(/::error|##\[|\n/);
});
