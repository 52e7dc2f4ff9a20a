import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What a connection is to be like: bytes a second towards the client, and the milliseconds of a round trip. */
export interface Shape {
  readonly rate?: number | undefined;
  readonly latencyMs?: number | undefined;
}

/**
 * A TCP proxy on a free port of 127.0.0.1 that makes a link of its own of each connection: half the round trip in either direction, one whole round trip for
 * the connect before the first byte, and the rate towards the client. Bytes only: TLS and several requests on one connection take what they would on such a
 * link. What it does not model: slow start, loss, and a rate that connections share.
 */
export async function shapingProxy(target: string, { rate, latencyMs = 0 }: Shape) {
  const [host = '', port] = target.split(':');
  const pool: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const line = { delayMs: latencyMs / 2, notBefore: performance.now() + latencyMs };
    // One buffer a read, used again once it is written: else most of the time would go into making room.
    const buffer = () => pool.pop() ?? Buffer.allocUnsafeSlow(READ);
    const callback = (length: number, bytes: Uint8Array) => {
      const whole = bytes as Buffer;
      return down(whole.subarray(0, length), () => pool.push(whole));
    };
    const upstream = connect({ port: Number(port), host, noDelay: true, onread: { buffer, callback } });
    const down = link(upstream, client, { ...line, rate });
    const up = link(client, upstream, line);
    client.on('data', (chunk: Buffer) => up(chunk) || client.pause());
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('error', () => {}).on('close', () => upstream.destroy());
    // One that ended well may still have bytes under way.
    upstream.on('error', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

interface Line {
  readonly delayMs: number;
  readonly rate?: number | undefined;
  /** `performance.now()` before which nothing goes out. */
  readonly notBefore: number;
}

const READ = 128 << 10;
/** Bytes under way: enough for the link to be full at any rate, little enough for a client that stops reading to be felt. */
const WINDOW = 2 << 20;

/** Takes bytes and sends them on in their time; false if it has enough for now, and then resumes the source by itself. */
function link(
  from: Socket,
  to: Socket,
  { delayMs, rate, notBefore }: Line,
): (chunk: Buffer, sent?: () => void) => boolean {
  const queue: { readonly chunk: Buffer; readonly due: number; readonly sent?: (() => void) | undefined }[] = [];
  let held = 0;
  let free = notBefore;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  from.on('end', () => {
    ended = true;
    pump();
  });
  to.on('drain', pump);
  return (chunk, sent) => {
    // While bytes wait the line is busy, however late this process is: only an idle line starts anew.
    if (queue.length === 0) free = Math.max(free, performance.now());
    free += rate ? (chunk.byteLength / rate) * 1000 : 0;
    held += chunk.byteLength;
    queue.push({ chunk, due: free + delayMs, sent });
    if (timer === undefined) pump();
    return held < WINDOW;
  };

  function pump(): void {
    for (let next = queue[0]; next && !to.writableNeedDrain; next = queue[0]) {
      const wait = next.due - performance.now();
      if (wait >= 1) {
        timer ??= setTimeout(wake, wait);
        break;
      }
      queue.shift();
      held -= next.chunk.byteLength;
      to.write(next.chunk, next.sent);
    }
    if (held < WINDOW / 2 && !from.destroyed) from.resume();
    if (ended && queue.length === 0) to.end();
  }

  function wake(): void {
    timer = undefined;
    pump();
  }
}
