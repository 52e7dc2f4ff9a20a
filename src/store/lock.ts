import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cancelled, PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { onDisk, systemCode, unlessAbsent } from './disk-error.ts';
import { notOurs, openOwn } from './own-text.ts';

/** All in milliseconds. */
export interface LockTimes {
  /** Between two signs of life of the holder. */
  readonly beat: number;
  /** Without a sign of life for so long, the holder is taken for dead. */
  readonly stale: number;
  /** Between two looks of one who waits. */
  readonly poll: number;
  /** Nobody waits longer than this. */
  readonly wait: number;
}

export const LOCK_TIMES: LockTimes = { beat: 1_000, stale: 10_000, poll: 50, wait: 30_000 };

export interface LockOptions {
  /** Who we are, for those who wait. */
  readonly holder: string;
  readonly times?: LockTimes | undefined;
  readonly signal?: AbortSignal | undefined;
}

// The first word of a turn's file. They are of one length, so that one small write over the other is atomic.
const HELD = 'held';
const FREE = 'free';
const TURN = /^[1-9][0-9]{0,14}$/;
const LAST = 999_999_999_999_999;

/** False once another has taken the lock over, because the holder was taken for dead; what it knew may be untrue by then. */
export type Held = () => Promise<boolean>;

interface Turn {
  readonly number: number;
  readonly free: boolean;
  /** Differs from look to look as long as the holder lives. */
  readonly sign: string;
  readonly text: string;
}

/**
 * Runs the work while no other process of any container does, told apart by files alone: pids and clocks mean nothing
 * between containers.
 *
 * 1. The lock is a folder of turns, files named 1, 2, 3, …; the highest is the one that counts. It begins with `held`
 *    or `free`.
 * 2. To take the lock when turn n is free or its holder dead, create n + 1. Only one can; nobody has to delete what
 *    another may just have made.
 * 3. Then look again: if a higher turn is there, ours was made too late, in a place already swept, and is given up.
 *    Else sweep what is lower.
 * 4. The holder touches its file every second. Who waits sees the time on it change, whatever its value; when it has
 *    seen no change through 10 s of its own looking, the holder is dead. Time the watcher slept through itself does not
 *    count.
 *
 * A holder that was stopped and comes back may overlap with the next one, so the work must bear that, or ask before each
 * step whether the lock is still `held`. Throws STORE_LOCKED after 30 s, or CANCELLED.
 */
export async function withLock<T>(folder: string, options: LockOptions, work: (held: Held) => Promise<T>): Promise<T> {
  const { number, release } = await acquire(folder, options, options.times ?? LOCK_TIMES);
  try {
    return await work(async () => Math.max(...(await turnNumbers(folder))) === number);
  } finally {
    await release();
  }
}

async function acquire(
  folder: string,
  { holder, signal }: LockOptions,
  times: LockTimes,
): Promise<{ readonly number: number; readonly release: () => Promise<void> }> {
  const silence = watch(times);
  const since = performance.now();
  for (;;) {
    if (signal?.aborted) throw cancelled();
    const turn = await highestTurn(folder);
    if (turn === undefined || turn.free || silence(turn) >= times.stale) {
      const number = (turn?.number ?? 0) + 1;
      const handle = await claim(folder, number, holder);
      if (handle !== undefined) return { number, release: hold(handle, times) };
    }
    if (performance.now() - since >= times.wait) throw locked(folder, turn);
    // A little chance keeps those who wait from looking in step.
    await sleep(times.poll * (0.5 + Math.random()));
  }
}

async function claim(folder: string, number: number, holder: string): Promise<FileHandle | undefined> {
  const path = join(folder, String(number));
  let handle: FileHandle;
  try {
    handle = await open(path, 'wx', 0o644);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return undefined;
    return onDisk(path, Promise.reject(error));
  }
  try {
    await onDisk(path, handle.writeFile(`${HELD} ${JSON.stringify({ holder, since: new Date().toISOString() })}\n`));
    const numbers = await turnNumbers(folder);
    if (Math.max(...numbers) === number) {
      const past = numbers.filter((other) => other < number);
      await Promise.all(past.map((other) => rm(join(folder, String(other)), { force: true }).catch(() => {})));
      return handle;
    }
  } catch (error) {
    await handle.close();
    await rm(path, { force: true }).catch(() => {});
    throw error;
  }
  await handle.close();
  await rm(path, { force: true }).catch(() => {});
  return undefined;
}

/** Keeps giving signs of life; what comes back ends them and frees the turn. */
function hold(handle: FileHandle, { beat }: LockTimes): () => Promise<void> {
  let beating: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    const now = Date.now() / 1000;
    beating = beating.then(() => handle.utimes(now, now)).catch(() => {});
  }, beat);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await beating;
    // If this fails the next one waits until we seem dead.
    await handle.write(FREE, 0).catch(() => {});
    await handle.close().catch(() => {});
  };
}

/** How long, by our own looking, the same turn has given no sign of life; in milliseconds. */
function watch({ stale }: LockTimes): (turn: Turn) => number {
  let seen = '';
  let silent = 0;
  let looked = 0;
  return ({ number, sign }) => {
    const now = performance.now();
    const mark = `${number} ${sign}`;
    // One look counts for little, however long ago the last was: we may have been stopped together with the holder.
    silent = mark === seen ? silent + Math.min(now - looked, stale / 20) : 0;
    seen = mark;
    looked = now;
    return silent;
  };
}

async function highestTurn(folder: string): Promise<Turn | undefined> {
  for (;;) {
    const numbers = await turnNumbers(folder);
    if (numbers.length === 0) return undefined;
    const turn = await readTurn(folder, Math.max(...numbers));
    // Gone means that a higher one is there by now.
    if (turn !== undefined) return turn;
  }
}

async function readTurn(folder: string, number: number): Promise<Turn | undefined> {
  const path = join(folder, String(number));
  // Opened rather than only looked at: network file systems answer from memory otherwise.
  const file = await unlessAbsent(path, openOwn(path));
  if (file === undefined) return undefined;
  const { handle } = file;
  try {
    const { buffer, bytesRead } = await onDisk(path, handle.read(Buffer.alloc(1024), 0, 1024, 0));
    const text = buffer.toString('utf8', 0, bytesRead);
    const { mtimeNs, ino } = await onDisk(path, handle.stat({ bigint: true }));
    return { number, free: text.startsWith(FREE), sign: `${mtimeNs} ${ino}`, text };
  } finally {
    await handle.close();
  }
}

async function turnNumbers(folder: string): Promise<readonly number[]> {
  const files = await onDisk(folder, readdir(folder));
  const numbers = files.filter((file) => TURN.test(file)).map(Number);
  // There is no turn after it, and no store comes so far by itself.
  if (numbers.includes(LAST)) throw notOurs(join(folder, String(LAST)));
  return numbers;
}

function locked(folder: string, turn: Turn | undefined): PullError {
  const [, holder = 'another process', since = 'an unknown time'] =
    /^\w{4} \{"holder":"([^"]*)","since":"([^"]*)"\}/.exec(turn?.text ?? '') ?? [];
  const hint = `Run again when it is done; if nothing runs there, remove the files in ${folder}.`;
  return new PullError('STORE_LOCKED', folder, clean(`locked by ${holder} since ${since}`), { hint, temporary: true });
}
