import { setTimeout } from 'node:timers/promises';
import { cancelled, PullError } from '../../errors.ts';
import type { Report } from '../../outcome.ts';
import { failureOf, isTemporaryStatus } from '../registry-error.ts';
import { type HttpRequest, type HttpResponse, header, type Wrap } from './transport.ts';

const FIRST_MS = 500;
const MOST_MS = 10_000;
const MOST_ASKED_MS = 60_000;
const TRIES = 5;
const TRIES_TO_CONNECT = 3;

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
 * no connection came about), and where the other side asks for more than a minute. Doubles from half a second up to ten, give or take a quarter.
 */
export function delay(tried: number, error: PullError, random: () => number): number | undefined {
  const { temporary, retryAfterMs = 0 } = error;
  if (!temporary || retryAfterMs > MOST_ASKED_MS) return undefined;
  if (tried >= (error.code === 'UNREACHABLE' ? TRIES_TO_CONNECT : TRIES)) return undefined;
  const backoff = Math.min(MOST_MS, FIRST_MS * 2 ** (tried - 1) * (0.75 + random() / 2));
  return Math.round(Math.max(retryAfterMs, backoff));
}

/** Does the task, again after each failure that `delay` lets pass; throws the last failure. */
export async function retrying<T>(options: RetryOptions, task: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await task();
    } catch (error) {
      if (!(await pause(tried, error, options))) throw error;
    }
  }
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
 * that does not say how long to wait: what the limit is, and whether waiting helps, only a body tells.
 */
export function retry(options: RetryOptions): Wrap {
  return (next) => (request) =>
    retrying(options, async () => {
      const response = await next(request);
      if (isMute(request, response)) return response;
      if (isTemporaryStatus(response.status)) throw await failureOf(response, request, options.now());
      return response;
    });
}

function isMute({ method }: HttpRequest, { status, headers }: HttpResponse): boolean {
  return method === 'HEAD' && status === 429 && header(headers, 'retry-after') === undefined;
}
