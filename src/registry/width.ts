/** How many connections a host lets us have at once, as far as its refusals tell. */
export interface Width {
  readonly connections: number;
  /** Told of a request that was refused, and how many others are under way; `forGood` if it is not to be tried again whether more are taken. */
  refused(underWay: number, forGood?: boolean): void;
  /** Told that bytes came: then it was the number of connections that the refusals before were about. */
  came(): void;
  /** Told of a request that came to its end while all these connections were in use and none was refused. */
  served(): void;
}

/** After so many requests one more connection is tried; twice as many each time that was refused. */
const CALM = 8;

/** Pure but for what it remembers. Until something is refused a host takes them all. */
export function newWidth(connections: number): Width {
  let most = connections;
  // Where all are refused, and nothing comes, the number is not the reason.
  let proved = connections;
  let calm = CALM;
  let served = 0;
  let grown = false;
  return {
    get connections() {
      return most;
    },
    refused(underWay, forGood = false) {
      most = underWay === 0 ? proved : Math.min(most, underWay);
      served = 0;
      if (forGood) calm = Number.POSITIVE_INFINITY;
      else if (grown) calm *= 2;
      grown = false;
    },
    came() {
      proved = most;
    },
    served() {
      served += 1;
      if (most === connections || served < calm) return;
      most += 1;
      served = 0;
      grown = true;
    },
  };
}
