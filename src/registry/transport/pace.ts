/** What brings fewer bytes than this in the time of a silence counts as one. */
const LEAST = 1024;

/** Watches over bytes that come. */
export interface Pace {
  /** Told of bytes; true if what comes is too little to ever end. */
  trickles(count: number): boolean;
  /** Begins anew, after nobody wanted any. */
  again(): void;
}

/** At least a kilobyte must come in so many milliseconds. */
export function newPace(windowMs: number): Pace {
  let mark = { at: performance.now(), bytes: 0 };
  const again = () => {
    mark = { at: performance.now(), bytes: 0 };
  };
  return {
    trickles(count) {
      mark.bytes += count;
      const late = performance.now() - mark.at > windowMs;
      const few = late && mark.bytes < LEAST;
      if (late) again();
      return few;
    },
    again,
  };
}
