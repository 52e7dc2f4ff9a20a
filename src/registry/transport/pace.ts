import { formatBytes, formatSeconds } from '../../lib/format.ts';

/** What a body must bring in the time that it may stand still: with half a minute a kilobyte a second. */
export const LEAST_BYTES = 32 * 1024;

/** Watches over bytes that come. */
export interface Pace {
  /** Told of bytes; says in words how little came if that is too little to ever end. */
  trickles(count: number): string | undefined;
  /** Begins anew, after nobody wanted any. */
  again(): void;
}

/** At least 32 KiB must come in so many milliseconds. */
export function newPace(windowMs: number): Pace {
  let mark = { at: performance.now(), bytes: 0 };
  const again = () => {
    mark = { at: performance.now(), bytes: 0 };
  };
  return {
    trickles(count) {
      mark.bytes += count;
      const [ms, { bytes }] = [performance.now() - mark.at, mark];
      if (ms <= windowMs) return undefined;
      again();
      return bytes < LEAST_BYTES ? slowWords(bytes, ms) : undefined;
    },
    again,
  };
}

/** `only 12kB in 30s`. */
export const slowWords = (bytes: number, ms: number): string =>
  `only ${formatBytes(bytes)} in ${formatSeconds(ms / 1000)}`;
