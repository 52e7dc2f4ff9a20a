import { newBell } from '../../lib/bell.ts';
import { BUFFER_SIZE, takeBuffer } from '../../lib/buffers.ts';
import { newDeferred } from '../../lib/deferred.ts';
import { newPace } from './pace.ts';
import { type Head, parseHead, plainLength } from './range-head.ts';
import { isRefusal, wordsOf } from './range-refusal.ts';
import type { Listener, RangeSocket } from './range-socket.ts';

/** The answer to one request on one connection, as it comes. */
export interface RangeBody {
  /** The head and the length of the body, for a refusal once it is complete; undefined if it does not say its length plainly, or says nothing. */
  readonly head: Promise<{ readonly head: Head; readonly length: number } | undefined>;
  /** The body in buffers of their own; throws what broke the connection, or `silent` after a silence. */
  bytes(): AsyncGenerator<Uint8Array, void, undefined>;
}

/** Listens to the connection until the answer is complete, then leaves it to the next; memory: two buffers of half a MiB. */
export function listenTo(line: RangeSocket, windowMs: number, silent: (head: boolean) => Error): RangeBody {
  let room = takeBuffer();
  let used = 0;
  /** Where in `room` the body begins. */
  let begin = 0;
  /** Bytes of the body that have not come; unknown before the head. */
  let left: number | undefined;
  const full: Uint8Array[] = [];
  let paused = false;
  const pace = newPace(windowMs);
  let end: { readonly error: Error | undefined } | undefined;
  /** The head of a refusal, while its words come. */
  let refusal: Head | undefined;
  const bell = newBell();
  const head = newDeferred<{ head: Head; length: number } | undefined>();
  head.promise.catch(() => {});

  function readHead(): boolean {
    const found = refusal ?? parseHead(room.subarray(0, used));
    if (found === 'more') return true;
    if (found && isRefusal(found)) return readRefusal(found);
    const length = found && plainLength(found);
    if (!found || length === undefined || used - found.length > length) {
      line.socket.destroy();
      return false;
    }
    begin = found.length;
    pace.again();
    left = length - (used - begin);
    head.resolve({ head: found, length });
    return true;
  }

  /** All its words, or, if they are all there will be, those that have come. */
  function readRefusal(found: Head, isAll = false): boolean {
    const { bytes, whole, ended } = wordsOf(found, room.subarray(found.length, used));
    refusal = found;
    if (!whole && !isAll) return true;
    full.push(bytes);
    [used, begin, left] = [0, 0, 0];
    head.resolve({ head: found, length: bytes.byteLength });
    complete();
    if (!ended) line.socket.destroy();
    return ended;
  }

  function complete(): void {
    line.listener = undefined;
    end = { error: undefined };
    bell.ring();
  }

  function putOut(): void {
    full.push(room.subarray(begin, used));
    room = takeBuffer();
    used = 0;
    begin = 0;
    // Under TLS some bytes still come after this, so there is always room.
    paused = full.length > 1;
    bell.ring();
  }

  const listener: Listener = {
    room: () => room.subarray(used),
    bytes(bytes) {
      if (bytes.buffer !== room.buffer) bytes.copy(room, used);
      used += bytes.byteLength;
      if (left === undefined) {
        if (!readHead()) return false;
        if (end) return true;
        if (left === undefined && !refusal && pace.trickles(bytes.byteLength) !== undefined)
          line.socket.destroy(silent(false));
      } else left -= bytes.byteLength;
      if (left !== undefined && left < 0) {
        line.socket.destroy();
        return false;
      }
      const slow = left || refusal ? pace.trickles(bytes.byteLength) : undefined;
      if (slow !== undefined) line.socket.destroy(new Error(slow));
      if (left === 0) complete();
      else if (used === BUFFER_SIZE) putOut();
      return !paused;
    },
    silence() {
      if (!paused) line.socket.destroy(silent(left !== undefined));
    },
    over(error) {
      line.listener = undefined;
      if (refusal && !end) readRefusal(refusal, true);
      end ??= { error: error ?? new Error('the connection was closed') };
      if (left === undefined && used === 0 && error === undefined) head.resolve(undefined);
      else if (left === undefined) error === undefined ? head.resolve(undefined) : head.reject(error);
      bell.ring();
    },
  };
  line.listener = listener;
  // The answer before may have ended while it was held back.
  line.socket.resume();

  return {
    head: head.promise,
    async *bytes() {
      try {
        for (;;) {
          const next = full.shift();
          if (next) {
            if (paused && !end) line.socket.resume();
            if (paused) pace.again();
            paused = false;
            yield next;
          } else if (end) {
            if (used > begin) yield room.subarray(begin, used);
            used = begin;
            if (end.error) throw end.error;
            return;
          } else await bell.next();
        }
      } finally {
        if (!end) line.socket.destroy();
      }
    },
  };
}
