import { newPace } from './pace.ts';
import { nextTransfer, rangeSize, slowestRequest, type UnderWay, type Waiting } from './schedule.ts';

/** A transfer that takes turns with others. */
export interface Traveller extends Waiting {
  /** Uses one connection for one request; resolves, never rejects, when the connection is free again. */
  go(): Promise<void>;
  readonly underWay: readonly Again[];
}

/** A request whose rest can be asked for again beside it. */
export interface Again extends UnderWay {
  go(): Promise<void>;
}

/** The connections to one registry that blobs share. */
export interface Lanes {
  /** Gives the transfer connections whenever it is its turn; returns the way out. */
  join(traveller: Traveller): () => void;
  /** To be called when a transfer became ready. */
  turn(): void;
  /** Told of each request that is done: bytes, and the milliseconds they took. */
  done(bytes: number, ms: number): void;
  /** Bytes to ask for at once where chunks are of so many. */
  rangeSize(chunkSize: number): number;
}

export interface LanesOptions {
  /** How many there are. */
  readonly connections: number;
  /** Calls back every so many milliseconds until the returned function is called. */
  readonly every: (ms: number, call: () => void) => () => void;
  /** Milliseconds that a request may take; where the network is so fast that a chunk takes less, more is asked for at once. */
  readonly rangeMs: number;
}

const LOOK_MS = 500;

/** A set of lanes for each registry, by its domain. */
export function lanesByDomain(options: LanesOptions): (domain: string) => Lanes {
  const known = new Map<string, Lanes>();
  return (domain) => {
    const lanes = known.get(domain) ?? createLanes(options);
    known.set(domain, lanes);
    return lanes;
  };
}

function createLanes({ connections, every, rangeMs }: LanesOptions): Lanes {
  const travellers = new Set<Traveller>();
  const pace = newPace(connections);
  let busy = 0;
  let looking: (() => void) | undefined;

  function give(request: () => Promise<void>): void {
    busy += 1;
    void request().then(() => {
      busy -= 1;
      turn();
    });
  }

  function turn(): void {
    while (busy < pace.connections) {
      const next = nextTransfer([...travellers]);
      if (!next) return;
      give(() => next.go());
    }
  }

  /** Time alone makes a request slow, so nobody would tell. */
  function look(): void {
    if (busy >= pace.connections) return;
    const slow = slowestRequest(
      [...travellers].flatMap(({ underWay }) => underWay),
      pace.usual,
    );
    if (slow) give(() => slow.go());
  }

  return {
    join(traveller) {
      travellers.add(traveller);
      looking ??= every(LOOK_MS, look);
      turn();
      return () => {
        travellers.delete(traveller);
        if (travellers.size > 0) return;
        looking?.();
        looking = undefined;
      };
    },
    turn,
    done(bytes, ms) {
      pace.done(bytes, ms, busy - 1);
    },
    rangeSize: (chunkSize) => rangeSize(chunkSize, pace.usual, rangeMs),
  };
}
