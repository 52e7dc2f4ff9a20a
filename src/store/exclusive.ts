import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Held, type LockTimes, withLock } from './lock.ts';

/** The folder of the lock's files. */
export const LOCK = 'lock';

export interface ExclusiveOptions {
  /** The job, for people: in lease files and where others wait for the lock. `GITHUB_RUN_ID` on a runner. */
  readonly run?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly lockTimes?: LockTimes | undefined;
}

/** Runs work while no other process that shares the store does; throws what `withLock` throws. */
export type Exclusive = <T>(work: (held: Held) => Promise<T>) => Promise<T>;

/** The lock of the store in this folder, taken in the name of this process and its run. */
export function exclusiveIn(root: string, { run = 'local', signal, lockTimes }: ExclusiveOptions): Exclusive {
  const holder = `${hostname()}, process ${process.pid}, run ${run}`.replaceAll('"', "'");
  return (work) => withLock(join(root, LOCK), { holder, signal, times: lockTimes }, work);
}
