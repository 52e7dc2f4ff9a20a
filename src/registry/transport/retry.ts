import { setTimeout } from 'node:timers/promises';
import { cancelled, PullError } from '../../errors.ts';
import type { Report } from '../../outcome.ts';
import { failureOf, isTemporaryStatus, isUsedUp } from '../registry-error.ts';
import { parseRetryAfter } from '../retry-after.ts';
import { type HttpResponse, header, type Wrap } from './transport.ts';

/** The wait after each try but the last: over fifteen seconds in all, for storage behind a registry is often gone for ten. */
const BACKOFF_MS = [500, 1000, 4000, 10_000] as const;
const TOO_MANY = 429;
const TRIES_TO_CONNECT = 3;
const MOST_ASKED_MS = 60_000;
const LEAST_PROGRESS = 8 * 1024;
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

/** Does the task, again after each failure that `delay` lets pass, for five minutes at most; throws the last failure. */
export async function retrying<T>(options: RetryOptions, task: () => Promise<T>): Promise<T> {
  const startedAt = options.now();
  for (let tried = 1; ; tried += 1) {
    try {
      return await task();
    } catch (error) {
      if (options.now() - startedAt > MOST_TOTAL_MS || !(await pause(tried, error, options))) throw error;
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

/**
 * True if a try of so many milliseconds brought enough of a blob to count the tries anew: 8 KiB, a thousandth of its size, and a kilobyte for each second. With
 * less, a connection that is cut after each byte, or that stands still after some, would never be given up.
 */
export function isProgress(bytes: number, size: number, ms: number): boolean {
  return bytes >= Math.max(LEAST_PROGRESS, size / 1000, ms);
}

/** Reports and waits before the next try; false, at once, if there is to be none. */
export async function pause(tried: number, error: unknown, options: RetryOptions): Promise<boolean> {
  if (!(error instanceof PullError)) return false;
  const delayMs = delay(tried, error, options.random);
  if (delayMs === undefined) return false;
  options.report({ type: 'retry', subject: error.subject, reason: error.reason, attempt: tried, delayMs });
  await options.sleep(delayMs, options.signal);
  return true;
}

/**
 * Sends again what failed for the moment, from the registry on, so that expired redirects do not matter. Other statuses are answers, and so is 429 to a HEAD
 * that was asked again once, or that says no wait worth waiting for: what the limit is, and whether waiting helps, only a body tells.
 */
export function retry(options: RetryOptions): Wrap {
  return (next) => async (request) => {
    let limited = 0;
    return retrying(options, async () => {
      const response = await next(request);
      if (request.method === 'HEAD' && response.status === TOO_MANY) {
        limited += 1;
        if (limited > 1 || !saysWhen(response, options.now())) return response;
      }
      if (isTemporaryStatus(response.status)) throw await failureOf(response, request, options.now());
      return response;
    });
  };
}

function saysWhen({ headers }: HttpResponse, now: number): boolean {
  const waitMs = parseRetryAfter(header(headers, 'retry-after'), now);
  return waitMs !== undefined && waitMs <= MOST_ASKED_MS && !isUsedUp(headers);
}
