/** A transfer as far as the choice of the next request depends on it. */
export interface Waiting {
  /** The lower, the sooner. */
  readonly rank: number;
  /** Bytes that have not come yet. */
  readonly left: number;
  /** Connections it has. */
  readonly active: number;
  /** True if it could use one more. */
  readonly ready: boolean;
}

/** A request under way, as far as the choice of asking for its rest again depends on it. */
export interface UnderWay {
  /** Bytes that have not come yet. */
  readonly left: number;
  /** Bytes a millisecond since it was sent. */
  readonly rate: number;
  /** True if its rest was asked for again already. */
  readonly twice: boolean;
}

/** A second request must promise to save as many milliseconds. */
const WORTH_MS = 1000;
/** What is not so many times slower than usual is left alone. */
const SLOWER = 4;
const MOST_CHUNKS = 4;

/**
 * Pure: who gets the connection that is free. The lowest rank first, so that what an engine waits for comes in its order; of the same rank the one with the most
 * bytes left for each of its connections, so that all end together. Undefined if nobody can use it.
 */
export function nextTransfer<T extends Waiting>(transfers: readonly T[]): T | undefined {
  let chosen: T | undefined;
  for (const transfer of transfers) {
    if (transfer.ready && (chosen === undefined || isBefore(transfer, chosen))) chosen = transfer;
  }
  return chosen;
}

function isBefore(one: Waiting, other: Waiting): boolean {
  if (one.rank !== other.rank) return one.rank < other.rank;
  return one.left / (one.active + 1) > other.left / (other.active + 1);
}

/**
 * Pure: the bytes of the next range: as many whole chunks as come in so many milliseconds at the usual rate (bytes a millisecond), one at least and four at most.
 * Each request costs the registry something, and the faster the network, the more of the time that is.
 */
export function rangeSize(chunkSize: number, usual: number, ms: number): number {
  return chunkSize * Math.min(MOST_CHUNKS, Math.max(1, Math.floor((usual * ms) / chunkSize)));
}

/**
 * Pure: the request that holds up the end, and whose rest is to be asked for once more over a connection that is free: the one that will take longest, if at the
 * usual rate (bytes a millisecond, of requests that are done) its rest would be here in a quarter of the time and a second sooner. Undefined if there is none.
 */
export function slowestRequest<T extends UnderWay>(requests: readonly T[], usual: number): T | undefined {
  let chosen: T | undefined;
  for (const request of requests) {
    if (request.twice || usual <= 0 || request.rate * SLOWER > usual) continue;
    if (restOf(request) - request.left / usual < WORTH_MS) continue;
    if (chosen === undefined || restOf(request) > restOf(chosen)) chosen = request;
  }
  return chosen;
}

const restOf = ({ left, rate }: UnderWay): number => (rate > 0 ? left / rate : Number.POSITIVE_INFINITY);
