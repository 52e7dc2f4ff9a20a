import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { type Gate, gates } from '../lib/pool.ts';
import type { Digest } from '../oci/digest.ts';
import type { Ports } from '../ports.ts';
import type { PullRequest } from '../settings.ts';
import { type Meter, newMeter } from './meter.ts';
import { type Packs, packsOf } from './packs.ts';

/** What every verb of the flow is given. */
export interface Run {
  readonly request: PullRequest;
  readonly ports: Ports;
  /** Bounds the small questions to one registry at once, by its domain. */
  readonly gate: (domain: string) => Gate;
  /** The same for blobs, which small questions never wait behind. */
  readonly blobGate: (domain: string) => Gate;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly packs: Packs;
  readonly meter: Meter;
  /** What a registry has sent so far, documents and blobs. */
  readonly fetched: Set<Digest>;
}

/** A run that starts now. */
export function newRun(request: PullRequest, ports: Ports): Run {
  const meter = newMeter();
  return {
    request,
    ports,
    gate: gates(request.concurrency),
    // The registry has the connections; with no more blobs than those, each would lie idle while its blob is put into its place.
    blobGate: gates(2 * request.concurrency),
    startedAt: ports.now(),
    packs: packsOf(ports, meter),
    meter,
    fetched: new Set(),
  };
}

/** The failure of one image as a PullError; what nobody foresaw is rethrown, unless the run is being cancelled anyway. */
export function failureOf(error: unknown, key: string): PullError {
  if (error instanceof PullError) return error;
  if ((error as Error | undefined)?.name === 'AbortError')
    return new PullError('CANCELLED', clean(key), 'cancelled', { cause: error });
  throw error;
}
