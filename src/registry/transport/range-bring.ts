import { BUFFER_SIZE, takeBuffer } from '../../lib/buffers.ts';
import type { Told } from '../../ports.ts';
import { newPace } from './pace.ts';
import { parseHead, plainLength } from './range-head.ts';
import type { RangeOrder } from './range-order.ts';
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

/** Fills orders of closed ranges over bare connections of its own, which are kept; bytes are given on in the moment they come. Anything but the plain answer is refused. */
export function rangeBringer(): (what: unknown, put: Put, tell: Tell) => () => void {
  const idle = new Map<string, Line[]>();
  const { signal } = new AbortController();

  async function lineFor(order: RangeOrder): Promise<Line> {
    const free = idle.get(order.key) ?? [];
    for (let line = free.pop(); line; line = free.pop()) if (!line.socket.socket.destroyed) return line;
    const { addresses, connectMs, silenceMs, vouched } = order;
    const lookup: Parameters<typeof openRangeSocket>[0]['lookup'] = (_, { all }, done) => {
      const [first] = addresses;
      if (all) done(null, [...addresses]);
      else done(null, first?.address ?? '', first?.family);
    };
    const url = new URL(order.url);
    const socket = await openRangeSocket({ url, connectMs, silenceMs, vouched, lookup }, signal);
    return { socket, room: takeBuffer() };
  }
  const keep = (order: RangeOrder, line: Line) => idle.set(order.key, [...(idle.get(order.key) ?? []), line]);

  return (what, put, tell) => {
    const order = what as RangeOrder;
    let stop = () => {};
    let stopped = false;
    lineFor(order).then(
      (line) => {
        if (stopped) return void keep(order, line);
        stop = receive(line, order, put, tell, () => keep(order, line));
      },
      () => tell({ type: 'refused' }),
    );
    return () => {
      stopped = true;
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

  function end(told: Told): void {
    line.listener = undefined;
    if (told.type === 'over' && !told.error && kept) free();
    else line.socket.destroy();
    tell(told);
  }
  function broken(message: string, code?: string): void {
    putOut();
    if (line.listener !== listener) return;
    if (left === undefined) end({ type: 'refused' });
    else end({ type: 'over', error: { message, code } });
  }
  /** Whoever asks again would wait for the same. */
  function silent(): void {
    if (left === undefined) end({ type: 'over', error: { message: 'silence', code: 'UND_ERR_HEADERS_TIMEOUT' } });
    else broken('silence', 'UND_ERR_BODY_TIMEOUT');
  }

  /** False if there is nothing more to do for now. */
  function begin(): boolean {
    const head = parseHead(room.subarray(0, used));
    if (head === 'more') return false;
    const plain = head?.status === 206 && head.headers['content-range'] === order.contentRange;
    if (!head || !plain || plainLength(head) !== order.end - order.start) {
      broken('no plain answer');
      return false;
    }
    kept = !/close/i.test(String(head.headers.connection ?? ''));
    from = head.length;
    left = order.end - order.start;
    pace.again();
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
      if (left === undefined && !begin()) return true;
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
