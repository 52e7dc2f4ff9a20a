import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createNetwork, type Network } from '../../../src/registry/network.ts';
import { takeBytes } from '../../../src/registry/transport/body.ts';
import { networkError } from '../../../src/registry/transport/network-error.ts';
import type { HttpRequest } from '../../../src/registry/transport/transport.ts';
import { closeServers, scriptedServer } from '../../support/scripted-server.ts';

const TIMEOUTS = { connectMs: 2000, headersMs: 1000, bodyMs: 1000 };
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await closeServers();
});

function open({ connections = 2, controller = new AbortController() } = {}): Network & { controller: AbortController } {
  const http = createNetwork({
    environment: {},
    insecureRegistries: [],
    connections,
    userAgent: 'pull-image/test',
    timeouts: TIMEOUTS,
    signal: controller.signal,
  });
  closing.push(http.close);
  return { ...http, controller };
}

/** A server below HTTP. */
async function rawServer(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

const request = (origin: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: new URL('/v2/x?a=b%2Fc', origin),
  headers: { accept: 'text/plain' },
  purpose: { kind: 'manifest', domain: 'r.example', repository: 'r.example/x', target: 'r.example/x:1' },
  limit: 1000,
  ...more,
});

describe('an exchange', () => {
  test('sends what it was given, our name, and no wish for an encoding', async () => {
    const server = await scriptedServer((_, response) => response.writeHead(418, { 'X-Y': ['1', '2'] }).end('tea'));
    const answer = await open().send(request(server.origin));
    expect(answer.status).toBe(418);
    expect(answer.headers['x-y']).toEqual(['1', '2']);
    expect(Buffer.from((await takeBytes(answer.body, 10)).bytes).toString()).toBe('tea');
    expect(server.requests[0]).toMatchObject({
      path: '/v2/x?a=b%2Fc',
      headers: { accept: 'text/plain', 'user-agent': 'pull-image/test', 'accept-encoding': 'identity' },
    });
  });

  test.each(['GET', 'HEAD'] as const)('keeps its connection for the next one (%s)', async (method) => {
    const ports = new Set<number | undefined>();
    const server = await scriptedServer((_, response) => {
      ports.add(response.socket?.remotePort);
      response.end('x');
    });
    const http = open({ connections: 1 });
    for (let count = 0; count < 5; count += 1) await (await http.send(request(server.origin, { method }))).discard();
    expect(ports.size).toBe(1);
  });

  test('is not disturbed by a server that sends a body after HEAD', async () => {
    const origin = await rawServer((socket) => {
      socket.on('data', () =>
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello'),
      );
    });
    const http = open({ connections: 1 });
    for (const method of ['HEAD', 'GET', 'HEAD', 'GET'] as const) {
      const { status, body } = await http.send(request(origin, { method }));
      expect([status, Buffer.from((await takeBytes(body, 10)).bytes).toString()]).toEqual([
        200,
        method === 'GET' ? 'hello' : '',
      ]);
    }
  });

  test('that is small never waits behind blobs', async () => {
    const server = await scriptedServer(({ path }, response) => {
      response.writeHead(200);
      if (path === '/blob') response.write('x');
      else response.end('small');
    });
    const http = open({ connections: 2 });
    const blob = request(server.origin, { url: new URL('/blob', server.origin), limit: undefined });
    const blobs = await Promise.all([http.send(blob), http.send(blob)]);
    expect((await http.send(request(server.origin))).status).toBe(200);
    await Promise.all(blobs.map(({ body }) => takeBytes(body, 0)));
  });

  test('with a body over the limit is an error, but an error page is only cut', async () => {
    const server = await scriptedServer(({ path }, response) =>
      response.writeHead(path === '/bad' ? 404 : 200).end('x'.repeat(100_000)),
    );
    const http = open();
    await expect(http.send(request(server.origin))).rejects.toMatchObject({ code: 'REGISTRY_ANSWER' });
    const page = await http.send(request(server.origin, { url: new URL('/bad', server.origin) }));
    expect((await takeBytes(page.body, 1e6)).bytes).toHaveLength(64 * 1024);
  });
});

describe('a failure', () => {
  test('to connect says so', async () => {
    const server = await scriptedServer(() => {});
    await server.close();
    await expect(open().send(request(server.origin))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      subject: 'r.example/x',
      reason: `cannot reach ${server.host}: connection refused`,
      temporary: true,
      hint: expect.any(String),
    });
  });

  test('to answer in time says so', async () => {
    const origin = await rawServer(() => {});
    await expect(open().send(request(origin))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      reason: expect.stringContaining('no answer, timed out after 1.0s'),
      temporary: true,
    });
  });

  test('in the middle of a body says so', async () => {
    const server = await scriptedServer((_, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('x', () => response.destroy());
    });
    const broken = { code: 'UNAVAILABLE', reason: `${server.host}: the connection broke`, temporary: true };
    await expect(open().send(request(server.origin))).rejects.toMatchObject(broken);
    const answer = await open().send(request(server.origin, { limit: undefined }));
    await expect(takeBytes(answer.body, 100)).rejects.toMatchObject(broken);
  });

  test('to speak HTTP says so', async () => {
    const origin = await rawServer((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.2\r\n')));
    await expect(open().send(request(origin))).rejects.toMatchObject({
      code: 'REGISTRY_ANSWER',
      reason: expect.stringMatching(/did not answer in HTTP$/),
    });
  });
});

describe('cancelling', () => {
  test('ends a request that waits for its answer, and one that reads its body', async () => {
    const server = await scriptedServer(({ path }, response) => {
      if (path === '/body') response.writeHead(200).write('x');
    });
    const http = open();
    const waiting = http.send(request(server.origin)).catch((error: unknown) => error);
    const body = await http.send(request(server.origin, { url: new URL('/body', server.origin), limit: undefined }));
    const reading = takeBytes(body.body, 100).catch((error: unknown) => error);
    http.controller.abort();
    expect(await waiting).toMatchObject({ code: 'CANCELLED' });
    expect(await reading).toMatchObject({ code: 'CANCELLED' });
    await expect(http.send(request(server.origin))).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('does not disturb a body that nobody reads', async () => {
    const server = await scriptedServer((_, response) => response.writeHead(200).write('x'));
    const http = open();
    await http.send(request(server.origin, { limit: undefined }));
    http.controller.abort();
    await new Promise((later) => setTimeout(later, 20));
  });
});

test.each([
  ['ENOTFOUND', 'UNREACHABLE', 'cannot reach r.example: no such host', true],
  ['EAI_AGAIN', 'UNREACHABLE', 'cannot reach r.example: the name could not be looked up', true],
  ['EHOSTUNREACH', 'UNREACHABLE', 'cannot reach r.example: no route to the host', true],
  ['UND_ERR_CONNECT_TIMEOUT', 'UNREACHABLE', 'cannot reach r.example: timed out after 30s', true],
  ['ETIMEDOUT', 'UNREACHABLE', 'cannot reach r.example: timed out after 30s', true],
  [
    'CERT_HAS_EXPIRED',
    'UNREACHABLE',
    'cannot reach r.example: its certificate is not valid here (CERT_HAS_EXPIRED)',
    false,
  ],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'UNREACHABLE',
    'cannot reach r.example: its certificate is not valid here (ERR_TLS_CERT_ALTNAME_INVALID)',
    false,
  ],
  [
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'UNREACHABLE',
    'cannot reach r.example: it does not speak TLS as expected (ERR_SSL_WRONG_VERSION_NUMBER)',
    false,
  ],
  ['ECONNRESET', 'UNAVAILABLE', 'r.example: the connection broke', true],
  ['EPIPE', 'UNAVAILABLE', 'r.example: the connection broke', true],
  ['UND_ERR_BODY_TIMEOUT', 'UNAVAILABLE', 'r.example: no data, timed out after 10s', true],
  ['SOMETHING', 'UNAVAILABLE', 'r.example: x y', true],
])('%s is %s', (code, expected, reason, temporary) => {
  const where = {
    subject: 'r.example/x',
    host: 'r.example',
    timeouts: { connectMs: 30_000, headersMs: 20_000, bodyMs: 10_000 },
    signal: new AbortController().signal,
  };
  const error = Object.assign(new Error('x\ny'), { code });
  const found = { code: expected, reason, temporary };
  expect(networkError(error, where)).toMatchObject(found);
  expect(networkError(new AggregateError([error], error.message), where)).toMatchObject(found);
  expect(networkError(new TypeError(error.message, { cause: error }), where)).toMatchObject(found);
  expect(networkError(error, { ...where, signal: AbortSignal.abort() })).toMatchObject({ code: 'CANCELLED' });
});
