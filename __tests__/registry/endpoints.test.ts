import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { isLoopback } from '../../src/registry/addresses.ts';
import { createLocate } from '../../src/registry/endpoints.ts';
import { createInsecure } from '../../src/registry/insecure.ts';
import { namesOf } from '../support/names.ts';
import { closeServers, scriptedServer } from '../support/scripted-server.ts';

// Generous, for a busy machine shakes hands slowly.
const TIMEOUTS = { connectMs: 2500, headersMs: 300, bodyMs: 300 };
const closing: (() => unknown)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  await closeServers();
});

function locator(signal = new AbortController().signal, listed: readonly string[] = []) {
  const mayBeInsecure = createInsecure(listed).allows;
  const locate = createLocate({ mayBeInsecure, lookup: namesOf(), timeouts: TIMEOUTS, signal });
  return { locate: (domain: string) => locate(domain, 'subject').then(({ href }) => href) };
}

/** A server that counts its connections and does with each what is asked. */
async function listener(onConnection: (socket: Socket) => void) {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket.on('error', () => {}));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  closing.push(close);
  return { host: `127.0.0.1:${(server.address() as { port: number }).port}`, connections: () => connections, close };
}

describe('a registry is found at', () => {
  test.each([
    ['docker.io', 'https://registry-1.docker.io/'],
    ['ghcr.io', 'https://ghcr.io/'],
    ['registry.example:5000', 'https://registry.example:5000/'],
    ['10.0.0.5:5000', 'https://10.0.0.5:5000/'],
    ['registry.localhost.example', 'https://registry.localhost.example/'],
  ])('%s: %s, without a look', async (domain, expected) => {
    expect(await locator().locate(domain)).toBe(expected);
  });

  test('http: on loopback where no TLS is spoken, tried out once per host', async () => {
    const { host, connections } = await listener((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const { locate } = locator();
    expect(await Promise.all([locate(host), locate(host)])).toEqual([`http://${host}/`, `http://${host}/`]);
    expect(await locate(host)).toBe(`http://${host}/`);
    expect(connections()).toBe(1);
  });

  test('https: on loopback with any certificate', async () => {
    const server = await scriptedServer((_, response) => response.end(), { tls: true });
    expect(await locator().locate(server.host)).toBe(`https://${server.host}/`);
  });

  test('https: or else http: where the registry is listed as insecure', async () => {
    const secure = await scriptedServer((_, response) => response.end(), { tls: true });
    const plain = await scriptedServer((_, response) => response.end());
    const [s, p] = [secure, plain].map(({ host }) => `registry.test:${host.split(':')[1]}`);
    const { locate } = locator(undefined, ['registry.test']);
    expect(await locate(s ?? '')).toBe(`https://${s}/`);
    expect(await locate(p ?? '')).toBe(`http://${p}/`);
    expect(await locator().locate(p ?? '')).toBe(`https://${p}/`);
  });

  test('https: for good, once it spoke TLS', async () => {
    const secure = await scriptedServer((_, response) => response.end(), { tls: true });
    const { locate } = locator();
    await locate(secure.host);
    await secure.close();
    expect(await locate(secure.host)).toBe(`https://${secure.host}/`);
  });

  test('[::1]: with any certificate too', async () => {
    const server = await scriptedServer((_, response) => response.end(), { tls: true, address: '::1' });
    expect(await locator().locate(server.host)).toBe(`https://${server.host}/`);
  });

  test('http: where a server on loopback hangs up on a handshake, or never answers it', async () => {
    const rude = await listener((socket) => socket.destroy());
    const mute = await listener(() => {});
    const { locate } = locator();
    expect(await locate(rude.host)).toBe(`http://${rude.host}/`);
    expect(await locate(mute.host)).toBe(`http://${mute.host}/`);
  });
});

describe('a registry is not found', () => {
  test('where nobody listens, and is looked for again the next time', async () => {
    const { host, close } = await listener(() => {});
    await close();
    const { locate } = locator();
    const refused = {
      code: 'UNREACHABLE',
      subject: 'subject',
      reason: `cannot reach ${host}: connection refused`,
      temporary: true,
    };
    await expect(locate(host)).rejects.toMatchObject(refused);
    await expect(locate(host)).rejects.toMatchObject(refused);
  });

  test('under an address that is none', async () => {
    await expect(locator().locate('host:99999')).rejects.toMatchObject({ code: 'REFERENCE_INVALID' });
  });

  test('once the run is cancelled', async () => {
    const { host } = await listener(() => {});
    const controller = new AbortController();
    const looking = locator(controller.signal).locate(host);
    controller.abort();
    await expect(looking).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(locator(controller.signal).locate(host)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.255.0.9', true],
  ['[::1]', true],
  ['[::ffff:127.0.0.1]', true],
  ['128.0.0.1', false],
  ['[::2]', false],
  ['10.0.0.1', false],
  ['localhost.example', false],
  ['my.localhost', false],
])('%s is loopback: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
