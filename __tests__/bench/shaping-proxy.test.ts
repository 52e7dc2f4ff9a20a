import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Shape, shapingProxy } from '../../bench/shaping-proxy.ts';
import { noise } from '../support/image-builder.ts';

const BODY = noise('body', 3_000_000);
let server: Server;
let close = () => {};
beforeEach(async () => {
  // Answers a number with so many bytes of the body, and `bye` with the last ones.
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('end', () => socket.end());
    socket
      .on('error', () => {})
      .on('data', (asked) => {
        if (String(asked) === 'bye') socket.end(BODY.subarray(0, 1000));
        else socket.write(BODY.subarray(0, Number(asked)));
      });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  close();
  server.close();
});

async function client(shape: Shape) {
  const proxy = await shapingProxy(`127.0.0.1:${(server.address() as AddressInfo).port}`, shape);
  close = proxy.close;
  const [host, port] = proxy.host.split(':');
  const socket = connect({ port: Number(port), host: host ?? '', noDelay: true });
  return {
    socket,
    async ask(text: string, bytes: number) {
      const startedAt = performance.now();
      socket.write(text);
      const parts: Buffer[] = [];
      for (let missing = bytes; missing > 0; ) {
        const [part] = (await once(socket, 'data')) as [Buffer];
        parts.push(part);
        missing -= part.byteLength;
      }
      return { body: Buffer.concat(parts), took: performance.now() - startedAt };
    },
  };
}

// Only lower bounds: a busy machine is late, and nothing but the proxy can be early. A timer may be 1 ms before its time.
test('the first answer takes a round trip for the connect besides its own, a later one its own', async () => {
  const { ask } = await client({ latencyMs: 60 });
  expect((await ask('10', 10)).took).toBeGreaterThanOrEqual(116);
  expect((await ask('10', 10)).took).toBeGreaterThanOrEqual(56);
});

test('bytes come no faster than the rate, unchanged and in order', async () => {
  const { ask } = await client({ rate: 10_000_000 });
  const { body, took } = await ask(String(BODY.byteLength), BODY.byteLength);
  expect(took).toBeGreaterThanOrEqual(295);
  expect(body.equals(BODY)).toBe(true);
});

test('what was sent before the other side hung up still arrives', async () => {
  const { socket, ask } = await client({ latencyMs: 20, rate: 100_000 });
  const ended = once(socket, 'end');
  const { body } = await ask('bye', 1000);
  expect(body.equals(BODY.subarray(0, 1000))).toBe(true);
  await ended;
});

test('a request that ends with the half of the connection it came on is answered', async () => {
  const { socket, ask } = await client({ latencyMs: 20 });
  const answer = ask('1000', 1000);
  socket.end();
  expect((await answer).body.equals(BODY.subarray(0, 1000))).toBe(true);
});
