/** What the requests that are done say of a network: the usual rate of one, and how many connections are worth having. */
export interface Pace {
  /** Bytes a millisecond of one request; 0 while nothing is known. */
  readonly usual: number;
  /** Milliseconds until an answer begins; 0 while nothing is known. */
  readonly wait: number;
  readonly connections: number;
  /** Told of each answer that begins, and the milliseconds since it was asked for. */
  begun(ms: number): void;
  /** Told of each request that is done: bytes, the milliseconds they took, and what else there was. */
  done(bytes: number, ms: number, all: Meanwhile): void;
  /** Told of all the bytes that came in so many milliseconds in which every connection that is worth having was in use. */
  came(bytes: number, ms: number): void;
}

export interface Meanwhile {
  /** Requests that are still under way. */
  readonly underWay: number;
  /** Bytes that all requests have brought so far. */
  readonly bytes: number;
  /** Milliseconds of any clock. */
  readonly at: number;
}

/** What the last request says counts so much against all before it. */
const WEIGHT = 0.3;
/** Bytes a millisecond over all connections. So much comes from the machine itself or from next to it: then the processors are the limit, and each connection costs them. */
const PLENTY = 500_000;
/** As many as keep two processors busy. */
const FEW = 2;
/** Bytes a millisecond. With less the network is the limit after all, and it may be long before a request is done that says so. */
const SCARCE = PLENTY / 4;
/** With fewer connections so much of what came before must come still, or all of them are used again, for good. */
const AS_GOOD = 0.8;
/** Less time says nothing. */
const SPAN_MS = 200;

/** Pure but for what it remembers. Nothing is known at first, and all connections are worth having. */
export function newPace(connections: number): Pace {
  let usual = 0;
  let wait: number | undefined;
  let most = connections;
  // When the first request began, what came of all of them until they became few, and the requests of that time that are still to be waited out.
  let since: number | undefined;
  let before = 0;
  let passing = 0;
  // Where the look at the few began.
  let mark: Pick<Meanwhile, 'at' | 'bytes'> = { at: 0, bytes: 0 };

  function judge({ underWay, bytes, at }: Meanwhile): void {
    const span = at - mark.at;
    const isIdle = underWay + 1 < most;
    if (!isIdle && span < SPAN_MS) return;
    if (!isIdle && (bytes - mark.bytes) / span < before * AS_GOOD) most = connections;
    mark = { at, bytes };
  }

  return {
    get usual() {
      return usual;
    },
    get wait() {
      return wait ?? 0;
    },
    get connections() {
      return most;
    },
    begun(ms) {
      wait = wait === undefined ? ms : wait + (ms - wait) * WEIGHT;
    },
    came(bytes, ms) {
      if (most < connections && bytes / ms < SCARCE) most = connections;
    },
    done(bytes, ms, all) {
      const rate = bytes / Math.max(1, ms);
      const fresh = usual === 0 || passing === 1;
      usual = fresh ? rate : usual + (rate - usual) * WEIGHT;
      since ??= all.at - ms;
      if (passing > 0) {
        passing -= 1;
        mark = all;
      } else if (before === 0 && connections > FEW && usual * connections >= PLENTY) {
        before = all.bytes / Math.max(1, all.at - since);
        most = FEW;
        passing = all.underWay + 1;
      } else if (most < connections) judge(all);
    },
  };
}
