/** What the requests that are done say of a network: the usual rate of one, and how many connections are worth having. */
export interface Pace {
  /** Bytes a millisecond of one request; 0 while nothing is known. */
  readonly usual: number;
  /** Milliseconds until an answer begins; 0 while nothing is known. */
  readonly wait: number;
  readonly connections: number;
  /** Told of each answer that begins, and the milliseconds since it was asked for. */
  begun(ms: number): void;
  /** Told of each request that is done: bytes, the milliseconds they took, and how many are still under way. */
  done(bytes: number, ms: number, underWay: number): void;
  /** Told of all the bytes that came in so many milliseconds in which every connection that is worth having was in use. */
  came(bytes: number, ms: number): void;
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

/** Pure but for what it remembers. Nothing is known at first, and all connections are worth having. */
export function newPace(connections: number): Pace {
  let usual = 0;
  let wait: number | undefined;
  let most = connections;
  // What all of them gave before they became few, and the requests of that time that are still to be waited out.
  let before = 0;
  let passing = 0;
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
    done(bytes, ms, underWay) {
      const rate = bytes / Math.max(1, ms);
      const fresh = usual === 0 || passing === 1;
      usual = fresh ? rate : usual + (rate - usual) * WEIGHT;
      if (passing > 0) passing -= 1;
      else if (before === 0 && connections > FEW && usual * connections >= PLENTY) {
        before = usual * connections;
        most = FEW;
        passing = underWay + 1;
      } else if (most < connections && usual * most < before * AS_GOOD) most = connections;
    },
  };
}
