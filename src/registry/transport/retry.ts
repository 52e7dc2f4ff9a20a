import { setTimeout } from 'node:timers/promises';
import { cancelled, PullError } from '../../errors.ts';
import { formatSeconds } from '../../lib/format.ts';
import type { Report } from '../../outcome.ts';
import { failureOf, isTemporaryStatus, isUsedUp } from '../registry-error.ts';
import { parseRetryAfter } from '../retry-after.ts';
import { type HttpResponse, header, type Waits, type Wrap } from './transport.ts';
import { crowdHint, newRefusals, type Turns } from './turns.ts';

/** The wait after each try but the last: over fifteen seconds in all, for storage behind a registry is often gone for ten. */
const BACKOFF_MS = [500, 1000, 4000, 10_000] as const;
/** How many of these waits there are. */
export const MOST_WAITS = BACKOFF_MS.length;
const TOO_MANY = 429;
const TRIES_TO_CONNECT = 3;
const MOST_ASKED_MS = 60_000;
/** The most that one question is waited for, all its tries together. */
export const MOST_WAIT_MS = 120_000;
/** The same where something may stand in for the answer: what the waits above come to, if nobody asks for longer ones. */
export const SHORT_WAIT_MS = 20_000;
/** No try starts later than this after the first one did. */
const MOST_TOTAL_MS = 5 * 60_000;

/** What a retry needs of the world. */
export interface RetryOptions {
  readonly signal: AbortSignal;
  readonly report: Report;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Waits; rejects once the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** Waits with a timer; CANCELLED as soon as the signal is aborted. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => {
    throw cancelled();
  });
}

/**
 * Milliseconds to wait after the failure of a try, the first being 1, or undefined to give up: on what is not temporary, after five tries (three if
 * no connection came about), and where the other side asks for more than a minute. From half a second up to ten, give or take a quarter; what the
 * other side asks for is never cut short, and drawn out by up to a tenth, so that not all who were told the same come back at once.
 */
export function delay(tried: number, error: PullError, random: () => number): number | undefined {
  const { temporary, retryAfterMs = 0 } = error;
  if (!temporary || retryAfterMs > MOST_ASKED_MS) return undefined;
  const backoff = BACKOFF_MS[tried - 1];
  if (backoff === undefined || (error.code === 'UNREACHABLE' && tried >= TRIES_TO_CONNECT)) return undefined;
  const chance = random();
  return Math.round(Math.max(retryAfterMs * (1 + chance / 10), backoff * (0.75 + chance / 2)));
}

/**
 * Does the task, again after each failure that `delay` lets pass, for five minutes at most, two of them waited; throws the last failure, with the wait that it
 * asks for. What is refused while others of its turns get on is no try: it comes to its end by the two minutes alone.
 */
export async function retrying<T>(
  options: RetryOptions,
  task: () => Promise<T>,
  waits = newWaits(),
  turns?: Turns,
): Promise<T> {
  let startedAt = options.now();
  const refusals = newRefusals(turns, MOST_WAITS);
  for (let tried = 1; ; tried += 1) {
    try {
      return await task();
    } catch (error) {
      const early = refusals.besides(error);
      const isLate = early === undefined && options.now() - startedAt > MOST_TOTAL_MS;
      if (isLate || !(await pause(early ?? tried, error, options, waits, turns)))
        throw withItsWait(error, waits, turns);
      if (early === undefined) continue;
      tried = 0;
      startedAt = options.now();
    }
  }
}

/**
 * Does the task, and once more if it fails with one of these codes although nothing broke: bytes that something on the way damaged, or a page of words
 * where an answer was asked for, may be right the next time. Throws the last failure.
 */
export async function onceMore<T>(
  options: RetryOptions,
  codes: readonly PullError['code'][],
  task: () => Promise<T>,
): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof PullError) || error.temporary || !codes.includes(error.code)) throw error;
    const { subject, reason } = error;
    const delayMs = Math.round(BACKOFF_MS[0] * (0.75 + options.random() / 2));
    options.report({ type: 'retry', subject, reason, attempt: 1, delayMs });
    await options.sleep(delayMs, options.signal);
    return task();
  }
}

/** Nothing was waited. */
export const newWaits = (standIn?: Waits['standIn']): Waits => ({ ms: 0, standIn });

/** Reports and waits before the next try; false, at once, if there is to be none, or if it would be waited too long for. */
export async function pause(
  tried: number,
  error: unknown,
  options: RetryOptions,
  waits: Waits,
  turns?: Turns,
): Promise<boolean> {
  if (!(error instanceof PullError)) return false;
  const delayMs = delay(tried, error, options.random);
  if (delayMs === undefined || !(await isWorth(waits.ms + delayMs, waits))) return false;
  // One after another, requests that share a host would wait as often as there are of them.
  const shared = error.crowded ? turns : undefined;
  const now = options.now();
  if (shared && now - (shared.quietSince ?? now) + delayMs > MOST_WAIT_MS) return false;
  waits.ms += delayMs;
  const { subject, reason, retryAfterMs = 0 } = error;
  const asked = delayMs >= retryAfterMs && delayMs <= Math.ceil(retryAfterMs * 1.1);
  const wait = () => options.sleep(delayMs, options.signal);
  const isLong = asksForWait(error);
  if (shared?.refused(tried, isLong, now, waits) ?? true)
    options.report({ type: 'retry', subject, reason, attempt: tried, delayMs, ...(asked ? { asked } : {}) });
  await (shared ? shared.aside(wait, isLong) : wait());
  return true;
}

async function isWorth(totalMs: number, { standIn }: Waits): Promise<boolean> {
  if (totalMs > MOST_WAIT_MS) return false;
  return totalMs <= SHORT_WAIT_MS || !(await standIn?.());
}

/** The error that ends all tries; where the other side asks for a wait it says so, for that is what there is to do. */
export function withItsWait(failure: unknown, waits: Waits, turns?: Turns): unknown {
  if (!(failure instanceof PullError)) return failure;
  const { code, subject, reason, temporary, retryAfterMs = 0 } = failure;
  const hint = crowdHint(failure, turns);
  const details = { temporary, retryAfterMs: failure.retryAfterMs, cause: failure };
  if (!asksForWait(failure))
    return hint === failure.hint ? failure : new PullError(code, subject, reason, { ...details, hint });
  const wait = retryAfterMs > YEAR_MS ? 'more than a year' : formatSeconds(retryAfterMs / 1000);
  const before = waits.ms > 0 ? `, after ${formatSeconds(waits.ms / 1000)} of waiting` : '';
  const said = `${reason}; it asks for a wait of ${wait}${before}`;
  return new PullError(code, subject, said, {
    ...details,
    hint: hint ?? (retryAfterMs > DAY_MS ? HINT_ENDLESS : `Run the job again in ${wait}.`),
  });
}

const WORTH_SAYING_MS = 1000;
const DAY_MS = 24 * 3600 * 1000;
const YEAR_MS = 366 * DAY_MS;
const HINT_ENDLESS = 'No job can wait for that: ask whoever runs the registry, or set mirrors that have the image.';

/** True if the other side asks for a wait, and for one that is worth saying: some ask for a millisecond. */
export const asksForWait = (failure: unknown): boolean =>
  failure instanceof PullError && (failure.retryAfterMs ?? 0) >= WORTH_SAYING_MS;

/**
 * Sends again what failed for the moment, from the registry on, so that expired redirects do not matter. Other statuses are answers, and so is 429 to a HEAD
 * that was asked again once, or that says no wait worth waiting for: what the limit is, and whether waiting helps, only a body tells.
 */
export function retry(options: RetryOptions): Wrap {
  return (next) => async (request) => {
    let limited = 0;
    return retrying(
      options,
      async () => {
        const response = await next(request);
        if (request.method === 'HEAD' && response.status === TOO_MANY) {
          limited += 1;
          if (limited > 1 || !saysWhen(response, options.now())) return response;
        }
        if (isTemporaryStatus(response.status)) throw await failureOf(response, request, options.now());
        return response;
      },
      request.waits,
      request.turns,
    );
  };
}

function saysWhen({ headers }: HttpResponse, now: number): boolean {
  const waitMs = parseRetryAfter(header(headers, 'retry-after'), now);
  return waitMs !== undefined && waitMs <= MOST_ASKED_MS && !isUsedUp(headers);
}
