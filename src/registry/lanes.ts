import { type Guest, newGuest } from './guest.ts';
import { newPace } from './pace.ts';
import { nextTransfer, rangeSize, shareOf, slowestRequest, type UnderWay, type Waiting } from './schedule.ts';
import { newSeats } from './seats.ts';
import type { Turns } from './transport/turns.ts';
import { newWidth } from './width.ts';

/** A transfer that takes turns with others. */
export interface Traveller extends Waiting {
  /** True if its one request brings all of it, by way of this thread. */
  readonly whole?: boolean;
  /** Uses one connection for one request; resolves, never rejects, when the connection is free again. */
  go(): Promise<void>;
  readonly underWay: readonly Again[];
}

/** A request whose rest can be asked for again beside it. */
export interface Again extends UnderWay {
  go(): Promise<void>;
}

/** The connections to one registry that blobs share; fewer of them, for the rest of the run, once it refuses requests while others get on. */
export interface Lanes extends Turns {
  /** Gives the transfer connections whenever it is its turn; returns the way out. */
  join(traveller: Traveller): () => void;
  /** The turns of a request that goes over a connection of its own as long as the host lets it. */
  guest(): Guest;
  /** To be called when a transfer became ready. */
  turn(): void;
  /** Told of bytes that came, and of those among them that were here before. */
  came(bytes: number, repeated: number): void;
  /** Told of each answer that begins, and the milliseconds since it was asked for. */
  begun(ms: number): void;
  /** Told of each request that is done: bytes, and the milliseconds they took. */
  done(bytes: number, ms: number): void;
  /** True once the host has refused a request. */
  readonly refuses: boolean;
  /** True once the host has given a blob itself, and said that it has ranges: then a thread may ask it without another to ask before. */
  direct: boolean;
  /** Bytes to ask for at once where chunks are of so many. */
  rangeSize(chunkSize: number): number;
}

export interface LanesOptions {
  /** How many there are. */
  readonly connections: number;
  /** Calls back every so many milliseconds until the returned function is called; it keeps the process alive only if it `holds`. */
  readonly every: (ms: number, call: () => void, holds?: boolean) => () => void;
  /** Milliseconds that a request may take; where the network is so fast that a chunk takes less, more is asked for at once. */
  readonly rangeMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const LOOK_MS = 500;
/** Of all that comes no more than so much may come twice. */
const MOST_TWICE = 0.1;

/** A set of lanes for each registry, by its domain. */
export function lanesByDomain(options: LanesOptions): (domain: string) => Lanes {
  const known = new Map<string, Lanes>();
  return (domain) => {
    const lanes = known.get(domain) ?? createLanes(options);
    known.set(domain, lanes);
    return lanes;
  };
}

/** Lanes that nobody uses yet. */
export function createLanes({ connections, every, rangeMs, now }: LanesOptions): Lanes {
  const travellers = new Set<Traveller>();
  const pace = newPace(connections);
  const width = newWidth(connections);
  // Those few that are worth having where the processors are the limit are those of the threads.
  let whole = 0;
  const seats = newSeats(() => Math.min(connections, pace.connections + whole, width.connections), turn);
  let [refusals, told] = [0, 0];
  /** Whether the request that was refused last is to keep its connection, and all who did. */
  let isLate = false;
  const kept = new WeakSet<object>();
  let quietSince: number | undefined;
  let cameAt: number | undefined;
  const came = { bytes: 0, repeated: 0 };
  /** At the last look: the bytes that had come, and whether all connections were in use. */
  let seen = 0;
  let isWatched = false;
  let looking: (() => void) | undefined;

  /** Where the processors are the limit. */
  const isFew = () => pace.connections < connections;

  function give(request: () => Promise<void>): void {
    seats.take();
    const before = refusals;
    void request().then(() => {
      if (refusals === before && seats.busy >= width.connections) width.served();
      width.ended();
      rested();
    });
  }

  /** The connection is free; a host that sees late what is over gets a moment to see it. */
  function rested(): void {
    if (width.restMs === 0) seats.leave();
    else {
      const over = () => {
        stop();
        seats.leave();
      };
      // Where all connections rest, nothing else would.
      const stop = every(width.restMs, over, true);
    }
  }

  function turn(): void {
    while (seats.isFree()) {
      if (seats.recall()) continue;
      const next = nextTransfer([...travellers], isFew());
      if (!next) return;
      give(() => (next.whole ? allOf(next) : next.go()));
    }
  }

  async function allOf(traveller: Traveller): Promise<void> {
    whole += 1;
    await traveller.go();
    whole -= 1;
  }

  /** Time alone makes a request slow, so nobody would tell. */
  function look(): void {
    width.passed();
    if (seats.busy >= pace.connections && isWatched) pace.came(came.bytes - seen, LOOK_MS);
    isWatched = seats.busy >= pace.connections;
    seen = came.bytes;
    turn();
    if (!seats.isFree() || came.repeated > came.bytes * MOST_TWICE) return;
    const slow = slowestRequest(
      [...travellers].flatMap(({ underWay }) => underWay),
      pace,
    );
    if (slow) give(() => slow.go());
  }

  const lanes: Lanes = {
    direct: false,
    get progress() {
      return came.bytes;
    },
    get several() {
      return seats.several;
    },
    get refuses() {
      return refusals > 0;
    },
    get quietSince() {
      return quietSince;
    },
    get cameAt() {
      return cameAt;
    },
    refused(tried, asked, at, whose) {
      quietSince ??= at;
      if (seats.waiting === 0) told = 0;
      refusals += 1;
      isLate = width.refused(seats.busy - 1, asked, kept.delete(whose));
      if (isLate) kept.add(whose);
      const isNews = tried > told;
      told = Math.max(told, tried);
      return isNews;
    },
    aside: (wait, asked) => (isLate && !asked ? seats.keep(wait) : seats.aside(wait, asked)),
    came(bytes, repeated) {
      came.bytes += bytes;
      quietSince = undefined;
      cameAt = now();
      came.repeated += repeated;
      width.came();
    },
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
    guest: () => newGuest(lanes, seats),
    turn,
    begun: pace.begun,
    done(bytes, ms) {
      pace.done(bytes, ms, { underWay: seats.busy - 1, bytes: came.bytes, at: now() });
    },
    rangeSize(chunkSize) {
      if (!isFew()) return rangeSize(chunkSize, pace.usual, rangeMs);
      return shareOf([...travellers], { chunkSize, usual: pace.usual });
    },
  };
  return lanes;
}
