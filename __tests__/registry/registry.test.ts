import { createServer, type Socket } from 'node:net';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { sleep } from '../../src/registry/transport/retry.ts';
import { type Client, collect, openClient, repositoryAt } from '../support/client.ts';
import { scriptedRegistry } from '../support/scripted-registry.ts';
import { scriptedServer } from '../support/scripted-server.ts';

const DIGEST = digestOf('manifest');
const BLOB = { mediaType: 'x', digest: DIGEST, size: 1_000_000 };

const server = scriptedRegistry();
let client: Client;

beforeEach(() => {
  client = openClient();
});

const resolve = () => client.resolve(repositoryAt(server.host), '7');

/** Every way to ask. */
const ASK: readonly [string, (who: Client, host: string) => Promise<unknown>][] = [
  ['resolve', (who, host) => who.resolve(repositoryAt(host), '7')],
  ['manifest', (who, host) => who.manifest(repositoryAt(host), DIGEST)],
  ['tags', (who, host) => who.tags(repositoryAt(host))],
  [
    'blob',
    async (who, host) => {
      const { error } = await collect(who.blob(repositoryAt(host), BLOB));
      if (error) throw error;
    },
  ],
];

describe('what passes', () => {
  test.each([500, 502, 503, 504, 408])('is waited for after a %d', async (status) => {
    server.script = ({ index }, response) => {
      if (index < 2) response.writeHead(status).end();
      else response.writeHead(200, { 'Docker-Content-Digest': DIGEST }).end();
    };
    expect((await resolve()).digest).toBe(DIGEST);
    expect(client.waits).toEqual([500, 1000]);
    expect(client.events).toMatchObject([
      { type: 'retry', subject: `${server.host}/acme/app`, attempt: 1, delayMs: 500 },
      { type: 'retry', attempt: 2, delayMs: 1000 },
    ]);
  });

  test('is given up after five tries, with the status and the host in the error', async () => {
    server.script = (_, response) => response.writeHead(503).end();
    await expect(resolve()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      reason: expect.stringContaining(`${server.host} answered 503 Service Unavailable`),
    });
    expect(server.requests).toHaveLength(5);
  });

  test('is waited for as long as the registry asks, up to a minute', async () => {
    server.script = ({ index }, response) => {
      if (index === 0) response.writeHead(429, { 'Retry-After': '7' }).end();
      else response.writeHead(429, { 'Retry-After': '61' }).end();
    };
    await expect(resolve()).rejects.toMatchObject({ code: 'TOOMANYREQUESTS', retryAfterMs: 61_000 });
    expect(client.waits).toEqual([7350]);
  });

  test('starts again at the registry, not where a redirect led', async () => {
    let fail = true;
    const storage = await scriptedServer((_, response) => {
      response.writeHead(fail ? 503 : 200).end('manifest');
      fail = false;
    });
    server.script = (_, response) => response.writeHead(307, { Location: `${storage.origin}/x` }).end();
    expect((await client.manifest(repositoryAt(server.host), DIGEST)).digest).toBe(DIGEST);
    expect(server.requests).toHaveLength(2);
  });

  test('includes a connection that breaks before the answer', async () => {
    server.script = ({ index }, response) => {
      if (index === 0) response.destroy();
      else response.writeHead(200, { 'Docker-Content-Digest': DIGEST }).end();
    };
    expect((await resolve()).digest).toBe(DIGEST);
  });
});

describe('a registry that is not there', () => {
  test.each(ASK)('is an error of %s that names it, after three tries', async (_, ask) => {
    const gone = await scriptedServer(() => {});
    await gone.close();
    await expect(ask(client, gone.host)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      subject: `${gone.host}/acme/app`,
      reason: `cannot reach ${gone.host}: connection refused`,
      hint: expect.any(String),
    });
    expect(client.waits).toEqual([500, 1000]);
  });
});

describe('cancelling', () => {
  test.each(ASK)('ends a %s that waits for its answer', async (_, ask) => {
    const arrived = new Promise<void>((seen) => {
      server.script = () => seen();
    });
    const asking = ask(client, server.host).catch((error: unknown) => error);
    await arrived;
    client.controller.abort();
    expect(await asking).toMatchObject({ code: 'CANCELLED' });
    expect(client.events).toEqual([]);
  });

  test('ends a blob between two chunks', async () => {
    server.script = (_, response) => response.writeHead(200).write(Buffer.alloc(1000));
    const blob = client.blob(repositoryAt(server.host), BLOB)[Symbol.asyncIterator]();
    expect((await blob.next()).done).toBe(false);
    const next = blob.next();
    client.controller.abort();
    await expect(next).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('ends a wait for the next try', async () => {
    const arrived = new Promise<void>((seen) => {
      server.script = (_, response) => response.writeHead(503, { 'Retry-After': '50' }).end(() => seen());
    });
    const patient = openClient({ sleep });
    const asking = patient.resolve(repositoryAt(server.host), '7').catch((error: unknown) => error);
    await arrived;
    patient.controller.abort();
    expect(await asking).toMatchObject({ code: 'CANCELLED' });
  });

  test('lets nothing start', async () => {
    server.script = (_, response) => response.end();
    client.controller.abort();
    await expect(resolve()).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(server.requests).toHaveLength(0);
  });
});

describe('a client', () => {
  test('of a registry on loopback takes any certificate', async () => {
    const secure = await scriptedServer(
      (_, response) => response.writeHead(200, { 'Docker-Content-Digest': DIGEST }).end(),
      {
        tls: true,
      },
    );
    expect((await client.resolve(repositoryAt(secure.host), '7')).digest).toBe(DIGEST);
  });

  test('speaks to a registry at an IPv6 address', async () => {
    const six = await scriptedServer(
      (_, response) => response.writeHead(200, { 'Docker-Content-Digest': DIGEST }).end(),
      {
        address: '::1',
      },
    );
    expect((await client.resolve(repositoryAt(six.host), '7')).digest).toBe(DIGEST);
    expect(six.requests[0]?.headers.host).toBe(six.host);
  });

  test('asks many things at once over few connections, and warns of nothing', async () => {
    const warnings: unknown[] = [];
    const note = (warning: unknown) => void warnings.push(warning);
    process.on('warning', note);
    const connections = new Set<Socket | null>();
    server.script = ({ path }, response) => {
      connections.add(response.socket);
      setTimeout(() => {
        if (path.includes('/blobs/')) response.end(Buffer.alloc(BLOB.size));
        else response.writeHead(200, { 'Docker-Content-Digest': DIGEST }).end();
      }, 1);
    };
    const few = openClient({ connections: 3 });
    const many = Array.from({ length: 50 }, () => few.resolve(repositoryAt(server.host), '7'));
    const blobs = Array.from({ length: 10 }, () => collect(few.blob(repositoryAt(server.host), BLOB)));
    expect(await Promise.all(many)).toHaveLength(50);
    expect((await Promise.all(blobs)).map(({ bytes }) => bytes.length)).toEqual(Array(10).fill(BLOB.size));
    expect(connections.size).toBeLessThanOrEqual(6);
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  test('never asks for /v2/', async () => {
    server.script = (_, response) => response.writeHead(200, { 'Docker-Content-Digest': DIGEST }).end();
    await resolve();
    await resolve();
    expect(server.lines()).toEqual(Array(2).fill('HEAD /v2/acme/app/manifests/7'));
  });

  test('that is closed keeps no connection', async () => {
    const sockets = new Set<Socket>();
    const idle = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      socket.on('data', (data) => {
        if (data[0] === 0x16) socket.end();
        else socket.write(`HTTP/1.1 200 OK\r\nDocker-Content-Digest: ${DIGEST}\r\nContent-Length: 0\r\n\r\n`);
      });
    });
    await new Promise<void>((done) => idle.listen(0, '127.0.0.1', done));
    const host = `127.0.0.1:${(idle.address() as { port: number }).port}`;
    await client.resolve(repositoryAt(host), '7');
    await client.close();
    // Ends only once every connection is gone.
    await new Promise((done) => idle.close(done));
    expect([...sockets].every((socket) => socket.destroyed)).toBe(true);
    await expect(client.resolve(repositoryAt(host), '7')).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
