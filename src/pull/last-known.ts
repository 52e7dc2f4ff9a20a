import { PullError } from '../errors.ts';
import { formatAge } from '../lib/format.ts';
import type { Digest } from '../oci/digest.ts';
import { canonicalReference, familiarReference, type Reference } from '../oci/reference.ts';
import { parseTagKey, tagPrefix } from './cache-keys.ts';
import type { Run } from './run.ts';

/** A digest a tag once pointed to, and when a registry last said so (milliseconds since the epoch). */
export interface Known {
  readonly digest: Digest;
  readonly at: number;
}

/** An older answer than this serves nobody any more. */
const MAX_AGE_MS = 7 * 24 * 3600 * 1000;

/** Clocks differ; what is further ahead is no answer anybody gave. */
export const MAX_SKEW_MS = 3600 * 1000;

/** The registry could not be asked; 401, 403, 404 and wrong bytes are answers, and no older one stands in for them. */
const UNASKABLE = ['UNREACHABLE', 'UNAVAILABLE', 'TOOMANYREQUESTS'];

/** The last digest known of a tag: the store's, else that of the cache's newest pointer; the younger of the two. Undefined beyond 7 days. */
export async function lastKnown(reference: Reference, run: Run): Promise<Known | undefined> {
  const { store, cache, now } = run.ports;
  const named = await store.named(canonicalReference(reference));
  const key = cache.readable ? await cache.newest(tagPrefix(reference)) : undefined;
  const pointer = key === undefined ? undefined : parseTagKey(reference, key);
  const known = [named && { digest: named.target.digest, at: named.at }, pointer].filter(
    (it) => it !== undefined && it.at <= now() + MAX_SKEW_MS,
  ) as Known[];
  const newest = known.sort((a, b) => b.at - a.at)[0];
  return newest && now() - newest.at <= MAX_AGE_MS ? newest : undefined;
}

/** True if an older answer may stand in for the registry's: then nobody waits long for that. */
export async function hasStandIn(reference: Reference, run: Run): Promise<boolean> {
  return run.request.onRegistryError === 'use-cache' && (await lastKnown(reference, run)) !== undefined;
}

/**
 * What stands in for a registry that cannot be asked, with a warning that names digest and age. Throws the error where nothing may, and, if the registry is there,
 * says that nothing is known where something might.
 */
export async function standIn(reference: Reference, error: unknown, run: Run): Promise<Known> {
  if (!(error instanceof PullError)) throw error;
  const mayServe = run.request.onRegistryError === 'use-cache' && UNASKABLE.includes(error.code);
  const known = mayServe ? await lastKnown(reference, run) : undefined;
  if (!mayServe) throw error;
  if (!known) throw withoutStandIn(error, reference);
  const age = formatAge(run.ports.now() - known.at);
  const message = `${error.message}; using the digest that ${familiarReference(reference)} had ${age} ago, ${known.digest}`;
  run.ports.report({ type: 'warning', message });
  return known;
}

function withoutStandIn(error: PullError, reference: Reference): PullError {
  // Of a name that is wrong nothing can be known.
  if (error.code === 'UNREACHABLE') return error;
  const { code, subject, reason, hint, temporary, retryAfterMs } = error;
  const none = `no digest is known that ${familiarReference(reference)} had in the last 7 days and that could be used instead`;
  return new PullError(code, subject, `${reason}; ${none}`, { hint, temporary, retryAfterMs, cause: error });
}
