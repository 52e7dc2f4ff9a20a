import { setTimeout as sleep } from 'node:timers/promises';
import type { Descriptor } from '../oci/descriptor.ts';
import type { BlobSource } from '../ports.ts';

/** Milliseconds in which a stream must have moved to hold up those behind it. */
const PATIENCE = 50;
const LOOK_AGAIN = 5;

/** What tells time, in milliseconds. */
export interface Clock {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/**
 * The source, whose layers are given bottom first where several are read at once, for in that order they are unpacked. A layer that its reader leaves lying, or
 * whose bytes are yet to come, holds up nobody for more than 50 ms.
 */
export function bottomFirst(
  layers: readonly Descriptor[],
  source: BlobSource,
  clock: Clock = { now: () => performance.now(), sleep },
): BlobSource {
  const ranks = new Map(layers.map(({ digest }, rank) => [digest, rank]));
  const streams = new Set<{ readonly rank: number; movedAt: number }>();
  const isHeldUp = (rank: number) =>
    [...streams].some((other) => other.rank < rank && clock.now() - other.movedAt < PATIENCE);

  return {
    async *open(blob, range) {
      const stream = { rank: ranks.get(blob.digest) ?? -1, movedAt: clock.now() };
      streams.add(stream);
      try {
        for await (const chunk of source.open(blob, range)) {
          while (isHeldUp(stream.rank)) await clock.sleep(LOOK_AGAIN);
          stream.movedAt = clock.now();
          yield chunk;
        }
      } finally {
        streams.delete(stream);
      }
    },
  };
}
