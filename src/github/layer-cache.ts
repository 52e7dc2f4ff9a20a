import { setTimeout as wait } from 'node:timers/promises';
import { clean } from '../lib/clean.ts';
import type { Report } from '../outcome.ts';
import { MOST_PACK_BYTES } from '../ports/layer-cache.ts';
import type { CacheEntry, CacheFile, LayerCache, SaveOutcome } from '../ports.ts';
import { cacheRights } from './cache/environment.ts';
import { createSession, type Outcome } from './cache/session.ts';
import { filesIn, fillStage, sizeOf } from './cache/staging.ts';
import { createStanding } from './cache/standing.ts';

/** Milliseconds, and bytes a second. */
export interface CacheTimes {
  /** For the service to answer, whatever is asked. */
  readonly answer: number;
  /** For an entry to be restored: this and its size at the rate, or all there is if its size is unknown. */
  readonly restore: number;
  readonly restoreRate: number;
  readonly restoreUnknown: number;
  /** For an entry to be saved: this and its size at the rate. */
  readonly save: number;
  readonly saveRate: number;
  /** For a rate limit to end, where no deadline is given. */
  readonly pause: number;
}

export const CACHE_TIMES: CacheTimes = {
  answer: 10_000,
  restore: 15_000,
  restoreRate: 4e6,
  restoreUnknown: 120_000,
  save: 30_000,
  saveRate: 2e6,
  pause: 60_000,
};

export interface LayerCacheOptions {
  /** Absolute path of the bundled `cache-child`. */
  readonly childPath: string;
  /** A folder on the store's file system, for what is half done; it need not exist. */
  readonly staging: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** When the caller stops saving, in milliseconds since the epoch: no rate limit is waited out beyond it. */
  readonly deadline?: number | undefined;
  readonly now?: (() => number) | undefined;
  /** Rejects when the signal is aborted. */
  readonly sleep?: ((ms: number, signal: AbortSignal) => Promise<unknown>) | undefined;
  readonly times?: CacheTimes | undefined;
}

/** What the library holds of an archive at a time, at most; an entry of unknown size counts as much. */
const BUFFER = 128 * 1024 * 1024;
const buffersOf = (size = BUFFER): number => Math.min(size, BUFFER);
/** An archive, and what it holds, lie there together for a moment. */
const spaceFor = (size: number): number => 2 * size + 32 * 1024 * 1024;
const LIMITED = 'The Actions cache takes no more entries for now (rate limit); what is left is not saved.';

/** The Actions cache as a LayerCache: through @actions/cache in a process of its own, which is started when it is first needed. */
export function createLayerCache(options: LayerCacheOptions): LayerCache {
  const { report, signal, now = Date.now, times = CACHE_TIMES } = options;
  const sleep = options.sleep ?? ((ms: number) => wait(ms, undefined, { signal }));
  const rights = cacheRights(options.environment);
  const standing = createStanding(rights, report, now);
  const session = createSession(options, standing);
  const mayRead = () => !session.ended() && standing.reads();

  async function lookUp(key: string): Promise<Outcome> {
    if (!mayRead()) return {};
    return session.within('read', 0, {}, async (stage) => {
      const limits = { answer: times.answer, total: times.answer };
      const outcome = await session.ask('read', { op: 'lookup', key }, stage, limits);
      await stage.dispose();
      return outcome;
    });
  }

  function complain({ fault }: Outcome): void {
    if (fault?.kind === 'limited') standing.busy(fault.words);
    if (fault?.kind === 'other') standing.spoiled(fault.words, 'read');
  }

  async function newest(prefix: string): Promise<string | undefined> {
    const outcome = await lookUp(prefix);
    complain(outcome);
    return outcome.answer?.key;
  }

  async function restore(key: string, size?: number): Promise<CacheEntry | undefined> {
    if (!mayRead()) return undefined;
    const total = size === undefined ? times.restoreUnknown : times.restore + (size / times.restoreRate) * 1000;
    return session.within('read', buffersOf(size), undefined, async (stage) => {
      const startedAt = now();
      const bytes = spaceFor(size ?? MOST_PACK_BYTES);
      const outcome = await session.ask('read', { op: 'restore', key }, stage, { answer: times.answer, total, bytes });
      complain(outcome);
      // Keys are matched by prefix.
      const found = outcome.answer?.key === key;
      const files = found ? await filesIn(stage) : [];
      if (files.length > 0) {
        const bytes = files.reduce((sum, file) => sum + file.size, 0);
        return { files, bytes, seconds: (now() - startedAt) / 1000, dispose: stage.dispose };
      }
      if (found) standing.spoiled(`${clean(key)} holds no file`, 'read');
      await stage.dispose();
      return undefined;
    });
  }

  async function save(key: string, files: readonly CacheFile[]): Promise<SaveOutcome> {
    for (const isLast of [false, true]) {
      if (session.ended() || standing.closed()) return rights.writable ? 'failed' : 'refused';
      if (!standing.writes()) return 'refused';
      const outcome = standing.pause() > 0 ? 'limited' : await tryToSave(key, files);
      if (outcome !== 'limited') return outcome;
      const until = options.deadline ?? now() + times.pause;
      if (isLast || now() + standing.pause() > until) standing.stopWriting(LIMITED);
      // Timers may be early.
      else await sleep(standing.pause() + 100, signal).catch(() => {});
    }
    return 'refused';
  }

  /** `limited` if the service takes no requests for now. */
  async function tryToSave(key: string, files: readonly CacheFile[]): Promise<SaveOutcome | 'limited'> {
    // The library packs and uploads before it says that somebody was first.
    if ((await lookUp(key)).answer?.key === key) return 'exists';
    if (standing.pause() > 0) return 'limited';
    const size = await sizeOf(files).catch(() => 0);
    const { answer, fault } = await session.within<Outcome>('write', buffersOf(size), {}, async (stage) => {
      try {
        await fillStage(stage, files);
        const limits = { answer: times.answer, total: times.save + (size / times.saveRate) * 1000 };
        return await session.ask('write', { op: 'save', key }, stage, limits);
      } finally {
        await stage.dispose();
      }
    });
    if (answer?.saved) return 'saved';
    if (fault?.kind === 'taken') return 'exists';
    if (fault?.kind === 'limited') return 'limited';
    if (fault?.kind === 'denied') return 'refused';
    if (answer && (await lookUp(key)).answer?.key === key) return 'exists';
    if (answer && fault?.kind !== 'gone') standing.spoiled(fault?.words ?? 'no reason given', 'write');
    return 'failed';
  }

  return { ...rights, newest, restore, save, close: session.close };
}
