import { afterEach, describe, expect, test } from '@jest/globals';
import type { RegistryOptions } from '../../src/registry/registry.ts';
import { type Client, closeClients, collect, openClient } from '../support/client.ts';
import { answers, BLOB, BYTES, DIGEST, MANIFEST, serves } from '../support/one-image.ts';
import { closeServers, type Script, type ScriptedServer, scriptedServer } from '../support/scripted-server.ts';

afterEach(async () => {
  await closeClients();
  await closeServers();
});

interface Setup {
  readonly registry: ScriptedServer;
  readonly mirrors: readonly ScriptedServer[];
  readonly client: Client;
  readonly repository: { domain: string; path: string };
}

/** A registry and its mirrors, the first one with a prefix. */
async function setup(
  own: Script,
  scripts: readonly Script[],
  { logins = 'none', ...more }: Partial<Omit<RegistryOptions, 'logins'>> & { readonly logins?: 'all' | 'none' } = {},
): Promise<Setup> {
  const registry = await scriptedServer(own);
  const mirrors = await Promise.all(scripts.map((script) => scriptedServer(script)));
  const client = openClient({
    ...more,
    mirrors: mirrors.map(({ host }, index) => ({
      registry: registry.host,
      domain: host,
      prefix: index === 0 ? 'hub-proxy/' : '',
    })),
    logins:
      logins === 'none'
        ? []
        : [registry, ...mirrors].map(({ host }) => ({ registry: host, username: 'robot', password: `for-${host}` })),
  });
  return { registry, mirrors, client, repository: { domain: registry.host, path: 'library/redis' } };
}

describe('a mirror', () => {
  test('serves tags, manifests and blobs under its prefix, and the registry is not asked', async () => {
    const { client, repository, registry, mirrors } = await setup(serves, [serves]);
    expect((await client.resolve(repository, '7')).digest).toBe(DIGEST);
    expect((await client.manifest(repository, DIGEST)).digest).toBe(DIGEST);
    expect((await collect(client.blob(repository, BLOB))).bytes).toEqual(BYTES);
    expect(mirrors[0]?.lines()).toEqual([
      'HEAD /v2/hub-proxy/library/redis/manifests/7',
      `GET /v2/hub-proxy/library/redis/manifests/${DIGEST}`,
      `GET /v2/hub-proxy/library/redis/blobs/${BLOB.digest}`,
    ]);
    expect(registry.requests).toEqual([]);
    const subject = `${registry.host}/library/redis`;
    expect(client.events).toEqual([{ type: 'mirror', subject, mirror: mirrors[0]?.host, problem: undefined }]);
  });

  test.each([404, 401, 403, 429, 500, 503])('that answers %d gives way at once, in order', async (status) => {
    const { client, repository, registry, mirrors } = await setup(serves, [answers(status), serves]);
    expect((await client.resolve(repository, '7')).digest).toBe(DIGEST);
    expect((await collect(client.blob(repository, BLOB))).bytes).toEqual(BYTES);
    expect(mirrors[1]?.requests).toHaveLength(2);
    expect(registry.requests).toEqual([]);
    expect(client.waits).toEqual([]);
    expect(client.events.map((event) => event.type)).toEqual(['mirror', 'mirror']);
    expect(client.events[0]).toMatchObject({ mirror: mirrors[0]?.host, problem: expect.stringMatching(/./) });
  });

  test('with another manifest than the digest says gives way', async () => {
    const lies: Script = (_, response) => response.writeHead(200).end('{"schemaVersion":1}');
    const { client, repository, registry } = await setup(serves, [lies]);
    expect((await client.manifest(repository, DIGEST)).bytes).toEqual(MANIFEST);
    expect(registry.requests).toHaveLength(1);
  });

  test('whose blob was asked for twice is not asked the second time', async () => {
    const lies: Script = (_, response) => response.writeHead(200).end(Buffer.alloc(BYTES.length));
    const { client, repository } = await setup(serves, [lies]);
    expect((await collect(client.blob(repository, BLOB))).bytes).not.toEqual(BYTES);
    expect((await collect(client.blob(repository, BLOB))).bytes).toEqual(BYTES);
  });

  test('that breaks off a blob for good leaves the rest to the registry', async () => {
    let first = true;
    const breaks: Script = (_, response) => {
      if (!first) return response.writeHead(404).end();
      first = false;
      response.writeHead(200, { 'Content-Length': BYTES.length });
      return response.write(BYTES.subarray(0, 5), () => response.destroy());
    };
    const { client, repository } = await setup(serves, [breaks]);
    const { bytes, error } = await collect(client.blob(repository, BLOB));
    expect([bytes, error]).toEqual([BYTES, undefined]);
  });

  test('that is down is found out once a run', async () => {
    const { client, repository, registry, mirrors } = await setup(serves, [serves]);
    await mirrors[0]?.close();
    await client.resolve(repository, '7');
    await collect(client.blob(repository, BLOB));
    await client.resolve({ ...repository, path: 'library/nginx' }, '1');
    expect(registry.requests).toHaveLength(3);
    expect(client.waits).toEqual([]);
    expect(client.events).toMatchObject([
      { type: 'mirror', problem: expect.stringContaining('connection refused'), over: true },
    ]);
  });

  test('that says nothing is waited for once a run, which one line says', async () => {
    const { client, repository, registry, mirrors } = await setup(serves, [() => {}], {
      timeouts: { headersMs: 1000 },
    });
    const others = ['a', 'b'].map((name) => ({ ...repository, path: name }));
    // Those that are asked beside each other wait beside each other.
    await Promise.all([repository, ...others].map((each) => client.resolve(each, '7')));
    expect((await client.manifest(repository, DIGEST)).digest).toBe(DIGEST);
    expect((await collect(client.blob(repository, BLOB))).bytes).toEqual(BYTES);
    expect(mirrors[0]?.lines().every((line) => line.startsWith('HEAD '))).toBe(true);
    expect(mirrors[0]?.requests).toHaveLength(3);
    expect(registry.lines()).toContain(`GET /v2/library/redis/manifests/${DIGEST}`);
    expect(registry.lines()).toContain(`GET /v2/library/redis/blobs/${BLOB.digest}`);
    const told = client.events.filter(({ type }) => type === 'mirror');
    expect(told).toMatchObject([{ problem: expect.stringContaining('no answer, timed out after'), over: true }]);
  });

  test('that answers 503 to three questions after one another is not asked a fourth', async () => {
    const { client, repository, registry, mirrors } = await setup(serves, [answers(503)]);
    const resolve = (path: string) => client.resolve({ ...repository, path }, '7');
    await Promise.all(['a', 'b', 'c', 'd'].map(resolve));
    expect(mirrors[0]?.requests).toHaveLength(4);
    for (const path of ['e', 'f', 'g', 'h']) await resolve(path);
    expect(mirrors[0]?.requests).toHaveLength(6);
    expect(registry.requests).toHaveLength(8);
    expect(client.events.map((event) => event.type === 'mirror' && event.over)).toEqual([
      ...Array(5).fill(undefined),
      true,
    ]);
  });

  test('that answers now and then, be it that it has no such image, goes on being asked', async () => {
    const statuses = [503, 503, 404, 404, 503, 503, 404, 404, 503];
    const { client, repository, mirrors } = await setup(serves, [
      ({ index }, response) => response.writeHead(statuses[index] ?? 503).end(),
    ]);
    for (const path of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await client.resolve({ ...repository, path }, '7');
    expect(mirrors[0]?.requests).toHaveLength(9);
    expect(client.events.some((event) => event.type === 'mirror' && event.over)).toBe(false);
  });

  test('does not stand for the list of tags, unless the registry fails', async () => {
    const { client, repository, mirrors } = await setup(serves, [serves]);
    expect(await client.tags(repository)).toEqual(['1', '2']);
    expect(mirrors[0]?.requests).toEqual([]);
    const other = await setup(answers(404), [serves]);
    expect(await other.client.tags(other.repository)).toEqual(['1', '2']);
  });

  test('of another registry is not asked', async () => {
    const { client, registry, mirrors } = await setup(serves, [serves]);
    const other = await scriptedServer(serves);
    await client.resolve({ domain: other.host, path: 'library/redis' }, '7');
    expect([registry, ...mirrors].flatMap(({ requests }) => requests)).toEqual([]);
  });
});

describe('a login', () => {
  const closed: Script = (request, response) =>
    request.headers.authorization
      ? response.writeHead(403).end()
      : response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();

  test('is sent to the host it is for, and to no other', async () => {
    const { client, repository, registry, mirrors } = await setup(closed, [closed, closed], { logins: 'all' });
    await expect(client.resolve(repository, '7')).rejects.toMatchObject({ code: 'DENIED' });
    for (const { host, requests } of [registry, ...mirrors]) {
      const sent = new Set(requests.map(({ headers }) => headers.authorization).filter(Boolean));
      expect([...sent]).toEqual([`Basic ${Buffer.from(`robot:for-${host}`).toString('base64')}`]);
    }
    expect(await client.usesLogin(repository)).toBe(true);
  });

  test("for the registry alone is not a mirror's", async () => {
    const registry = await scriptedServer(closed);
    const mirror = await scriptedServer(closed);
    const client = openClient({
      mirrors: [{ registry: registry.host, domain: mirror.host, prefix: '' }],
      logins: [{ registry: registry.host, username: 'robot', password: 'secret' }],
    });
    await expect(client.resolve({ domain: registry.host, path: 'a' }, '7')).rejects.toMatchObject({ code: 'DENIED' });
    expect(mirror.requests.map(({ headers }) => headers.authorization)).toEqual(mirror.requests.map(() => undefined));
  });
});

describe('where all fail', () => {
  test('the registry has the word, and the mirrors are named', async () => {
    const { client, repository, registry, mirrors } = await setup(answers(404), [answers(503)]);
    await expect(client.resolve(repository, '7')).rejects.toMatchObject({
      code: 'MANIFEST_UNKNOWN',
      subject: `${registry.host}/library/redis`,
      reason: expect.stringMatching(new RegExp(`^manifest for .* not found.*; the mirror ${mirrors[0]?.host}: .*503`)),
    });
  });

  test('a mirror that answered tells more than a registry that did not, but decides nothing', async () => {
    const { client, repository, registry, mirrors } = await setup(serves, [answers(401)]);
    await registry.close();
    await expect(client.resolve(repository, '7')).rejects.toMatchObject({
      code: 'UNREACHABLE',
      reason: expect.stringMatching(
        new RegExp(`^the mirror ${mirrors[0]?.host}: .*; cannot reach ${registry.host}: connection refused$`),
      ),
    });
  });

  test.each([
    ['down', serves],
    ['up, and gives no answer', answers(503)],
  ])('a mirror that lacks the image does not make the tag wrong while the registry is %s', async (state, own) => {
    const { client, repository, registry } = await setup(own, [answers(404)]);
    if (state === 'down') await registry.close();
    await expect(client.resolve(repository, '7')).rejects.toMatchObject({
      code: state === 'down' ? 'UNREACHABLE' : 'UNAVAILABLE',
      hint: `A mirror may lack what the registry has: check whether this machine can reach ${registry.host}, or run again when it answers.`,
    });
  });

  test('cancelling is not a failure of a mirror', async () => {
    const { client, repository, registry } = await setup(serves, [() => client.controller.abort()]);
    await expect(client.resolve(repository, '7')).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(registry.requests).toEqual([]);
  });
});
