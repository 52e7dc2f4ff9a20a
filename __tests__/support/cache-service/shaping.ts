import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** How far away the service is; everything absent means as fast as it goes. */
export interface Shape {
  /** Milliseconds of each call of the service, and of each request for a blob. */
  readonly callMs?: number | undefined;
  readonly blobMs?: number | undefined;
  /** Bytes a second of one connection. */
  readonly connectionRate?: number | undefined;
}

type Pace = (bytes: number) => Promise<void>;

/** Resolves when that many more bytes may have passed. */
function paced(rate: number): Pace {
  let due = 0;
  return async (bytes) => {
    const now = performance.now();
    due = Math.max(due, now) + (bytes / rate) * 1000;
    // Timers are coarse: short waits are saved up.
    if (due - now > 4) await sleep(due - now);
  };
}

const paces = new WeakMap<Socket, Pace>();

/** The pace of a connection, the same for all its requests. */
export function paceOf(socket: Socket, rate: number | undefined): Pace | undefined {
  if (rate === undefined) return undefined;
  const known = paces.get(socket) ?? paced(rate);
  paces.set(socket, known);
  return known;
}

/** Copies at the pace; gives the bytes copied. Stops, without an error, if either side goes away. */
export async function copy(
  from: AsyncIterable<Buffer>,
  to: Writable,
  pace: Pace | undefined,
  { end = true } = {},
): Promise<number> {
  let bytes = 0;
  async function* passing(): AsyncGenerator<Buffer, void, undefined> {
    for await (const chunk of from) {
      bytes += chunk.byteLength;
      await pace?.(chunk.byteLength);
      yield chunk;
    }
  }
  await pipeline(passing(), to, { end }).catch(() => to.destroy());
  return bytes;
}
