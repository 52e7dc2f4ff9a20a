import { setMaxListeners } from 'node:events';
import { BUFFER_SIZE, takeBuffer } from '../../lib/buffers.ts';
import type { Told } from '../../ports.ts';
import { newPace } from './pace.ts';
import { type Head, parseHead, plainLength } from './range-head.ts';
import type { RangeOrder } from './range-order.ts';
import { isRefusal, type RangeRefusal, wordsOf } from './range-refusal.ts';
import { openRangeSocket, type RangeSocket } from './range-socket.ts';

interface Line {
  readonly socket: RangeSocket;
  /** What comes over it is gathered here until it is put. */
  readonly room: Buffer;
}

/** A record of TLS brings 16 KiB: to write and hash each by itself would cost more than to bring it. */
const ENOUGH = BUFFER_SIZE / 2;
/** What comes slowly is put sooner: somebody may be reading it. */
const PUT_MS = 50;

type Put = (position: number, bytes: Uint8Array) => void;
type Tell = (told: Told) => void;

/**
 * Fills orders of closed ranges over bare connections of its own, which are kept; bytes are given on in the moment they come. Anything but the plain answer is
 * refused, with what was said instead, if that can be read.
 */
export function rangeBringer(): (what: unknown, put: Put, tell: Tell) => () => void {
  const idle = new Map<string, Line[]>();
  const { signal } = new AbortController();
  // One listener a connection.
  setMaxListeners(0, signal);

  async function lineFor(order: RangeOrder, ends: AbortSignal): Promise<Line> {
    const free = idle.get(order.key) ?? [];
    for (let line = free.pop(); line; line = free.pop()) {
      if (line.socket.socket.destroyed) continue;
      line.socket.socket.ref();
      return line;
    }
    const { addresses, connectMs, silenceMs, vouched } = order;
    const lookup: Parameters<typeof openRangeSocket>[0]['lookup'] = (_, { all }, done) => {
      const [first] = addresses;
      if (all) done(null, [...addresses]);
      else done(null, first?.address ?? '', first?.family);
    };
    const url = new URL(order.url);
    const socket = await openRangeSocket({ url, connectMs, silenceMs, vouched, lookup, ends }, signal);
    return { socket, room: takeBuffer() };
  }
  /** A connection that waits for the next order keeps no process alive. */
  const keep = (order: RangeOrder, line: Line) => {
    line.socket.socket.unref();
    idle.set(order.key, [...(idle.get(order.key) ?? []), line]);
  };

  return (what, put, tell) => {
    const order = what as RangeOrder;
    let stop = () => {};
    const ends = new AbortController();
    lineFor(order, ends.signal).then(
      (line) => {
        if (ends.signal.aborted) return void keep(order, line);
        stop = receive(line, order, put, tell, () => keep(order, line));
      },
      () => tell({ type: 'refused' }),
    );
    return () => {
      // One that does not come about would keep the process alive as long as it is waited for.
      ends.abort();
      stop();
    };
  };
}

/** One exchange; returns the way to end it and its connection. */
function receive({ socket: line, room }: Line, order: RangeOrder, put: Put, tell: Tell, free: () => void): () => void {
  const pace = newPace(order.silenceMs);
  /** The bytes of the room that have come, and those of them that are to be put. */
  let used = 0;
  let from = 0;
  /** Bytes of the body that were not put; unknown before the head. */
  let left: number | undefined;
  let putAt = 0;
  let kept = true;
  /** The head of what came instead of them. */
  let refusal: Head | undefined;

  function end(told: Told, complete = told.type === 'over' && !told.error): void {
    line.listener = undefined;
    if (complete && kept) free();
    else line.socket.destroy();
    tell(told);
  }
  function broken(message: string, code?: string): void {
    putOut();
    if (line.listener !== listener) return;
    if (refusal) refuse(refusal, true);
    else if (left === undefined) end({ type: 'refused' });
    else end({ type: 'over', error: { message, code } });
  }
  /** Gives on why nothing comes, once all the words are there, or if they are all there will be. */
  function refuse(head: Head, isAll: boolean): void {
    const { bytes, whole, ended } = wordsOf(head, room.subarray(head.length, used));
    if (!whole && !isAll) return;
    // A view of the room would take all of it along.
    const answer: RangeRefusal = { status: head.status, headers: head.headers, body: new Uint8Array(bytes) };
    end({ type: 'refused', answer }, whole && ended);
  }
  /** Whoever asks again would wait for the same. */
  function silent(): void {
    if (left === undefined && !refusal)
      end({ type: 'over', error: { message: 'silence', code: 'UND_ERR_HEADERS_TIMEOUT' } });
    else broken('silence', 'UND_ERR_BODY_TIMEOUT');
  }

  /** False if there is nothing more to do for now. */
  function begin(): boolean {
    const head = parseHead(room.subarray(0, used));
    if (head === 'more') return false;
    const plain = head?.status === 206 && head.headers['content-range'] === order.contentRange;
    kept = !/close/i.test(String(head?.headers.connection ?? ''));
    pace.again();
    if (head && isRefusal(head)) {
      refusal = head;
      return false;
    }
    if (!head || !plain || plainLength(head) !== order.end - order.start) {
      broken('no plain answer');
      return false;
    }
    from = head.length;
    left = order.end - order.start;
    tell({ type: 'begun' });
    return true;
  }

  /** What cannot be put ends everything. */
  function putOut(): void {
    if (left === undefined || used === from) return;
    const body = room.subarray(from, used);
    const position = order.end - left;
    left -= body.byteLength;
    from = 0;
    used = 0;
    putAt = performance.now();
    put(position, body);
  }

  const listener = {
    room: () => room.subarray(used),
    bytes(bytes: Buffer): boolean {
      if (bytes.buffer !== room.buffer) bytes.copy(room, used);
      used += bytes.byteLength;
      const begun = left !== undefined || (!refusal && begin());
      if (refusal) refuse(refusal, pace.trickles(bytes.byteLength) !== undefined);
      // So is a head that does not come to its end.
      if (!begun && !refusal && line.listener === listener && pace.trickles(bytes.byteLength) !== undefined) silent();
      if (!begun) return true;
      const missing = (left ?? 0) - (used - from);
      const count = Math.min(bytes.byteLength, used - from);
      if (missing < 0) {
        used = from;
        broken('more bytes than were announced', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH');
      } else if (missing === 0 || used >= ENOUGH || performance.now() - putAt > PUT_MS) putOut();
      if (line.listener !== listener) return true;
      const slow = missing > 0 ? pace.trickles(count) : undefined;
      if (missing === 0) end({ type: 'over' });
      else if (slow !== undefined) broken(slow);
      return true;
    },
    silence: silent,
    over: (error?: NodeJS.ErrnoException) =>
      broken(error?.message ?? 'the connection was closed', error ? error.code : 'UND_ERR_SOCKET'),
  };
  line.listener = listener;
  line.socket.resume();
  line.socket.write(order.text, 'latin1');
  return () => {
    if (line.listener !== listener) return;
    line.listener = undefined;
    line.socket.destroy();
  };
}
