import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import type { Filler, Told } from '../../../src/ports.ts';
import { takeBytes } from '../../../src/registry/transport/body.ts';
import { rangeBringer } from '../../../src/registry/transport/range-bring.ts';
import { orderRange, type RangeOrder } from '../../../src/registry/transport/range-order.ts';
import type { HttpResponse } from '../../../src/registry/transport/transport.ts';
import { closeServers, type Script, scriptedServer } from '../../support/scripted-server.ts';
import { until } from '../../support/until.ts';

afterEach(closeServers);

/** Orders ten bytes of a server that does what the script says, by a filler in this very thread. */
async function ordered(script: Script, ends?: AbortSignal) {
  const server = await scriptedServer(script);
  const bring = rangeBringer();
  const told: Told[] = [];
  const filler: Filler = {
    underWay: 0,
    failed: new Promise(() => {}),
    bring(what, hear) {
      const both = (news: Told) => {
        told.push(news);
        hear(news);
      };
      return bring(what, () => {}, both);
    },
  };
  const order: RangeOrder = {
    ...{ url: server.origin, addresses: [], key: 'one', vouched: true, start: 0, end: 10 },
    text: `GET / HTTP/1.1\r\nhost: ${server.host}\r\nrange: bytes=0-9\r\n\r\n`,
    contentRange: 'bytes 0-9/10',
    connectMs: 5000,
    silenceMs: 300,
  };
  const timeouts = { connectMs: 5000, headersMs: 300, bodyMs: 300 };
  const { signal } = new AbortController();
  const where = { subject: 'acme/app', host: server.host, timeouts, signal, ends };
  return { server, told, answer: orderRange(filler, order, new URL(server.origin), where) };
}

test.each<[string, Script]>([
  ['a part without a length', (_, response) => response.writeHead(206, { 'Content-Range': 'bytes 0-9/10' }).end('x')],
  ['another part than was asked for', (_, response) => response.writeHead(206, { 'Content-Length': 1 }).end('x')],
  ['no HTTP', (_, response) => response.socket?.end('220 ready\r\n\r\n')],
  ['nothing', (_, response) => response.destroy()],
])('%s is left to the library', async (_, script) => {
  const { answer, told } = await ordered(script);
  expect(await answer).toBeUndefined();
  expect(told).toEqual([{ type: 'refused' }]);
});

const wordsOf = async (answer: HttpResponse | undefined) =>
  Buffer.from(answer ? (await takeBytes(answer.body, Number.POSITIVE_INFINITY)).bytes : 'none');
const REFUSED = { 'Retry-After': '7' };
test.each<[string, string, Script]>([
  [
    'with a length',
    'too many',
    (_, response) => response.writeHead(503, { ...REFUSED, 'Content-Length': 8 }).end('too many'),
  ],
  ['without words', '', (_, response) => response.writeHead(503, { ...REFUSED, 'Content-Length': 0 }).end()],
  [
    'in chunks',
    'too many',
    (_, response) => {
      response.writeHead(503, REFUSED).write('too');
      setTimeout(() => response.end(' many'), 20);
    },
  ],
  [
    'that ends with its connection',
    'too',
    (_, { socket }) => socket?.end('HTTP/1.1 503 No\r\nRetry-After: 7\r\n\r\ntoo'),
  ],
  [
    'that breaks off',
    'too',
    (_, response) =>
      response.writeHead(503, { ...REFUSED, 'Content-Length': 8 }).write('too', () => response.destroy()),
  ],
  ['that never ends', 'too', (_, response) => response.writeHead(503, REFUSED).write('too')],
])('a refusal %s is the answer, and asked for once', async (_, words, script) => {
  const { answer, server } = await ordered(script);
  const refusal = await answer;
  expect(refusal).toMatchObject({ status: 503, headers: { 'retry-after': '7' }, url: { host: server.host } });
  expect(String(await wordsOf(refusal))).toBe(words);
  expect(server.requests).toHaveLength(1);
});

test('of the words of a refusal the first 64 KiB are read, and of a whole blob nothing', async () => {
  const long = await ordered((_, response) =>
    response.writeHead(500, { 'Content-Length': 1e6 }).end(Buffer.alloc(1e6)),
  );
  expect((await wordsOf(await long.answer)).byteLength).toBe(64 * 1024);
  const whole = await ordered((_, response) => response.writeHead(200, { 'Content-Length': 1e6 }).write('x'));
  const answer = await whole.answer;
  expect(answer?.status).toBe(200);
  expect((await wordsOf(answer)).byteLength).toBe(0);
});

test('no answer in time is an error, for the library would wait as long again', async () => {
  const { answer, server } = await ordered(() => {});
  await expect(answer).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    temporary: true,
    reason: `${server.host}: no answer, timed out after 0.3s`,
  });
});

test('an order that nobody needs any more ends before its answer, with its connection', async () => {
  const ends = new AbortController();
  const closed = new Promise<void>((resolve) => {
    void ordered((_, response) => {
      response.on('close', resolve);
      ends.abort();
    }, ends.signal).then(({ answer }) => answer.catch(() => {}));
  });
  await closed;
});

test('a head that does not come to its end is none', async () => {
  const { answer } = await ordered((_, { socket }) => {
    socket?.write('HTTP/1.1 206 Partial Content\r\nX-Slow: ');
    const drip = setInterval(() => socket?.write('x'), 50);
    socket?.on('close', () => clearInterval(drip));
  });
  await expect(answer).rejects.toMatchObject({ reason: expect.stringMatching(/: no answer, timed out after 0.3s$/) });
});

test('a connection that does not come about ends with its order', async () => {
  const sockets: Socket[] = [];
  const mute = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const url = `https://127.0.0.1:${(mute.address() as AddressInfo).port}`;
  const text = 'GET / HTTP/1.1\r\n\r\n';
  const limits = { connectMs: 20_000, silenceMs: 20_000 };
  const order = { ...limits, url, text, addresses: [], key: 'one', vouched: true, start: 0, end: 1, contentRange: '' };
  const told: Told[] = [];
  const stop = rangeBringer()(
    order,
    () => {},
    (news) => void told.push(news),
  );
  await until(() => sockets.length > 0);
  stop();
  await Promise.all(
    sockets.map((socket) =>
      once(
        socket.resume().on('error', () => {}),
        'close',
      ),
    ),
  );
  mute.close();
});
