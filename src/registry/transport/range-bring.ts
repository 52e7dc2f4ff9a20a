import { takeBuffer } from '../../lib/buffers.ts';
import type { Told } from '../../ports.ts';
import { newPace } from './pace.ts';
import { parseHead, plainLength } from './range-head.ts';
import type { RangeOrder } from './range-order.ts';
import { openRangeSocket, type RangeSocket } from './range-socket.ts';

interface Line {
  readonly socket: RangeSocket;
  /** What comes over it is put nowhere else. */
  readonly room: Buffer;
}

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
  let used = 0;
  let left: number | undefined;
  let kept = true;

  function end(told: Told): void {
    line.listener = undefined;
    if (told.type === 'over' && !told.error && kept) free();
    else line.socket.destroy();
    tell(told);
  }
  const broken = (message: string, code?: string) =>
    left === undefined ? end({ type: 'refused' }) : end({ type: 'over', error: { message, code } });
  const silent = () => broken('silence', 'UND_ERR_BODY_TIMEOUT');

  /** The bytes of the body that came with the head; undefined if there is nothing more to do. */
  function begin(bytes: Buffer): Buffer | undefined {
    if (bytes.buffer !== room.buffer) bytes.copy(room, used);
    used += bytes.byteLength;
    const head = parseHead(room.subarray(0, used));
    if (head === 'more') return undefined;
    const plain = head?.status === 206 && head.headers['content-range'] === order.contentRange;
    if (!head || !plain || plainLength(head) !== order.end - order.start) {
      broken('no plain answer');
      return undefined;
    }
    kept = !/close/i.test(String(head.headers.connection ?? ''));
    left = order.end - order.start;
    pace.again();
    tell({ type: 'begun' });
    return room.subarray(head.length, used);
  }

  function take(body: Buffer): void {
    const known = left ?? 0;
    left = known - body.byteLength;
    if (left < 0) broken('more bytes than were announced', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH');
    else put(order.end - known, body);
    // What could not be put has ended everything.
    if (line.listener !== listener) return;
    const slow = left > 0 ? pace.trickles(body.byteLength) : undefined;
    if (left === 0) end({ type: 'over' });
    else if (slow !== undefined) broken(slow);
  }

  const listener = {
    room: () => (left === undefined ? room.subarray(used) : room),
    bytes(bytes: Buffer): boolean {
      const body = left === undefined ? begin(bytes) : bytes;
      if (body?.byteLength) take(body);
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
