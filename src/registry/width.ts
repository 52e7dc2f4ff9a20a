/** How many connections a host lets us have at once, as far as its refusals tell. */
export interface Width {
  readonly connections: number;
  /** Milliseconds before a connection is used again: so long the host takes to see that what it did before is over. */
  readonly restMs: number;
  /**
   * Told of a request that was refused, how many others are under way, and whether it `kept` its connection when it was refused before; `forGood` if it is not to
   * be tried again whether more are taken. True if only the end of another was not seen yet: then the number is right, and nobody is to go in its place.
   */
  refused(underWay: number, forGood?: boolean, kept?: boolean): boolean;
  /** Told that bytes came: then it was the number of connections that the refusals before were about. */
  came(): void;
  /** Told of a request that came to its end while all these connections were in use and none was refused. */
  served(): void;
  /** Told of each request that came to its end. */
  ended(): void;
  /** Told every half a second or so: what ended before the last time is seen by now. */
  passed(): void;
}

/** After so many requests one more connection is tried; twice as many each time that was refused. */
const CALM = 8;
/** The first rest and the longest, milliseconds; each is twice the last. */
const RESTS = { first: 50, longest: 400 };

/** Pure but for what it remembers. Until something is refused a host takes them all. */
export function newWidth(connections: number): Width {
  let most = connections;
  // Where all are refused, and nothing comes, the number is not the reason.
  let proved = connections;
  /** So many were taken at once before one more was tried. */
  let known = 0;
  let calm = CALM;
  let served = 0;
  let grown = false;
  let restMs = 0;
  /** Requests that ended since the last half second, and in that; and since the rest is so long. */
  let [fresh, older, ended] = [0, 0, 0];

  /** As many as ended just now may be refused for that. */
  function isLate(underWay: number, kept: boolean): boolean {
    // One that waited where it was is in nobody's place.
    if (kept || underWay >= known || fresh + older === 0 || restMs >= RESTS.longest) return false;
    if (older > 0) older -= 1;
    else fresh -= 1;
    // All that were refused together had the same rest.
    if (restMs === 0 || ended >= most) {
      restMs = Math.max(RESTS.first, restMs * 2);
      ended = 0;
    }
    return true;
  }

  return {
    get connections() {
      return most;
    },
    get restMs() {
      return restMs;
    },
    refused(underWay, forGood = false, kept = false) {
      if (isLate(underWay, kept)) return true;
      if (kept) restMs = 0;
      most = underWay === 0 ? proved : Math.min(most, underWay);
      known = Math.min(known, most);
      served = 0;
      if (forGood) calm = Number.POSITIVE_INFINITY;
      else if (grown) calm *= 2;
      grown = false;
      return false;
    },
    came() {
      proved = most;
      if (!grown) known = most;
    },
    served() {
      served += 1;
      if (served >= most) known = most;
      if (most === connections || served < calm) return;
      most += 1;
      served = 0;
      grown = true;
    },
    ended() {
      fresh += 1;
      ended += 1;
    },
    passed() {
      [fresh, older] = [0, fresh];
    },
  };
}
