import type { Transfer } from '../outcome.ts';

type Metered = 'registry' | 'cache';

/** Counts what came from where, and over what span of time: transfers run beside each other, so seconds do not add up. */
export interface Meter {
  /** Bytes that came between two moments, milliseconds since the epoch. */
  add(source: Metered, bytes: number, startedAt: number, endedAt: number): void;
  of(source: Metered): Transfer;
}

export function newMeter(): Meter {
  const spans = new Map<Metered, { bytes: number; from: number; to: number }>();
  return {
    add(source, bytes, startedAt, endedAt) {
      const span = spans.get(source) ?? { bytes: 0, from: startedAt, to: endedAt };
      spans.set(source, {
        bytes: span.bytes + bytes,
        from: Math.min(span.from, startedAt),
        to: Math.max(span.to, endedAt),
      });
    },
    of(source) {
      const span = spans.get(source);
      return span ? { bytes: span.bytes, seconds: (span.to - span.from) / 1000 } : { bytes: 0, seconds: 0 };
    },
  };
}
