import { BUFFER_SIZE } from '../lib/buffers.ts';
import type { Filler } from '../ports.ts';

/** A transfer as far as the choice of the next request depends on it. */
export interface Waiting {
  /** The lower, the sooner. */
  readonly rank: number;
  /** Bytes that have not come yet. */
  readonly left: number;
  /** Connections it has. */
  readonly active: number;
  /** The thread that writes it, if there is one. */
  readonly filler?: Pick<Filler, 'underWay'> | undefined;
  /** True if it could use one more. */
  readonly ready: boolean;
}

/** A request under way, as far as the choice of asking for its rest again depends on it. */
export interface UnderWay {
  /** Bytes that have come, and that have not come yet. */
  readonly bytes: number;
  readonly left: number;
  /** Milliseconds since its answer began, or since it was sent, if that is still to come. */
  readonly ms: number;
  readonly begun: boolean;
  /** True if its rest was asked for again already. */
  readonly twice: boolean;
}

/** What requests of the same registry are like. */
export interface Usual {
  /** Bytes a millisecond of a whole request; 0 while nothing is known. */
  readonly usual: number;
  /** Milliseconds until an answer begins. */
  readonly wait: number;
}

/** A second request must promise to save as many milliseconds; before them nothing is known of the first. */
const WORTH_MS = 1000;
/** What is not so many times slower than usual, or later, is left alone. */
const SLOWER = 4;
const MOST_CHUNKS = 4;
const SHARES = 4;
const SHARE_MS = 500;

/**
 * Pure: who gets the connection that is free. The lowest rank first, so that what an engine waits for comes in its order; of the same rank the one with the most
 * bytes left for each of its connections, so that all end together; where the processors are the limit, first of all one whose thread has little to do. Undefined if
 * nobody can use it.
 */
export function nextTransfer<T extends Waiting>(transfers: readonly T[], spread = false): T | undefined {
  let chosen: T | undefined;
  for (const transfer of transfers) {
    if (transfer.ready && (chosen === undefined || isBefore(transfer, chosen, spread))) chosen = transfer;
  }
  return chosen;
}

function isBefore(one: Waiting, other: Waiting, spread: boolean): boolean {
  if (one.rank !== other.rank) return one.rank < other.rank;
  const busier = besides(one) - besides(other);
  if (spread && busier !== 0) return busier < 0;
  return one.left / (one.active + 1) > other.left / (other.active + 1);
}

const besides = ({ filler }: Waiting): number => filler?.underWay ?? 0;

/**
 * Pure: the bytes of the next range: as many whole chunks as come in so many milliseconds at the usual rate (bytes a millisecond), one at least and four at most.
 * Each request costs the registry something, and the faster the network, the more of the time that is.
 */
export function rangeSize(chunkSize: number, usual: number, ms: number, most: number = MOST_CHUNKS): number {
  return chunkSize * Math.max(1, Math.min(most, Math.floor((usual * ms) / chunkSize)));
}

/**
 * Pure: the bytes of the next range where the processors are the limit, and the registry's are among them: much more at once, but no more than what comes in half
 * a second, and a quarter of all that is left, so that the last requests end together.
 */
export function shareOf(
  transfers: readonly Waiting[],
  { chunkSize, usual }: { chunkSize: number; usual: number },
): number {
  const left = transfers.reduce((sum, transfer) => sum + transfer.left, 0);
  return rangeSize(chunkSize, usual, SHARE_MS, Math.floor(left / SHARES / chunkSize));
}

/**
 * Pure: the request that holds up the end, and whose rest is to be asked for once more over a connection that is free: the one that will take longest, if another
 * would, as usual, bring its rest in a quarter of the time and a second sooner. An answer that has not begun is not late before four times the usual wait, so
 * what is late for all is not asked for twice. Undefined if there is none.
 */
export function slowestRequest<T extends UnderWay>(requests: readonly T[], { usual, wait }: Usual): T | undefined {
  let chosen: T | undefined;
  for (const request of requests) {
    const { bytes, left, ms, begun, twice } = request;
    // How much has come is told a buffer at a time.
    const late = SLOWER * (begun ? Math.min(BUFFER_SIZE, left) / usual : wait);
    if (twice || usual <= 0 || ms < Math.max(WORTH_MS, late)) continue;
    if (bytes * SLOWER > usual * ms || restOf(request) - left / usual - wait < WORTH_MS) continue;
    if (chosen === undefined || restOf(request) > restOf(chosen)) chosen = request;
  }
  return chosen;
}

/** Milliseconds that it will take. */
const restOf = ({ bytes, left, ms }: UnderWay): number => (bytes > 0 ? (left * ms) / bytes : Number.POSITIVE_INFINITY);
