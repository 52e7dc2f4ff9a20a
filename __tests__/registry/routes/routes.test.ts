import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { closeClients, collect } from '../../support/client.ts';
import { hostsFileOf, onMachine } from '../../support/machine.ts';
import { closeNetworks } from '../../support/network.ts';
import { answers, BLOB, BYTES, DIGEST, MANIFEST, serves } from '../../support/one-image.ts';
import { closeServers, scriptedServer } from '../../support/scripted-server.ts';
import { SELF_SIGNED } from '../../support/self-signed.ts';

afterEach(async () => {
  await closeClients();
  await closeNetworks();
  await closeServers();
});

const CONF = 'etc/registries.conf';
const repositoryIn = (domain: string) => ({ domain, path: 'library/redis' });

describe('with a hosts.toml', () => {
  test('its hosts are asked in order by what they are capable of, told what they stand for, the registry last', async () => {
    const [own, tags, bytes] = await Promise.all([serves, serves, serves].map((script) => scriptedServer(script)));
    const file = `
      [host."${bytes?.origin}/hub"]
      capabilities = ["pull"]
      [host."${tags?.origin}"]
      capabilities = ["resolve"]`;
    const { client, folder, warnings } = await onMachine({ [hostsFileOf(own?.host ?? '')]: file });
    const repository = repositoryIn(own?.host ?? '');
    expect((await client.resolve(repository, '7')).digest).toBe(DIGEST);
    expect((await client.manifest(repository, DIGEST)).bytes).toEqual(MANIFEST);
    expect((await collect(client.blob(repository, BLOB))).bytes).toEqual(BYTES);
    const ns = `ns=${encodeURIComponent(own?.host ?? '')}`;
    expect(tags?.lines()).toEqual([`HEAD /v2/library/redis/manifests/7?${ns}`]);
    expect(bytes?.lines()).toEqual([
      `GET /hub/v2/library/redis/manifests/${DIGEST}?${ns}`,
      `GET /hub/v2/library/redis/blobs/${BLOB.digest}?${ns}`,
    ]);
    expect(own?.requests).toEqual([]);
    expect(client.events[0]).toMatchObject({
      type: 'mirror',
      mirror: tags?.host,
      file: path.join(folder, hostsFileOf(own?.host ?? '')),
    });
    expect(warnings).toEqual([]);
  });

  test('a host that fails gives way to the registry, which is asked as ever', async () => {
    const own = await scriptedServer(serves);
    const mirror = await scriptedServer(answers(503));
    const { client } = await onMachine({ [hostsFileOf(own.host)]: `[host."${mirror.origin}"]` });
    expect((await client.resolve(repositoryIn(own.host), '7')).digest).toBe(DIGEST);
    expect(own.lines()).toEqual(['HEAD /v2/library/redis/manifests/7']);
    expect(client.waits).toEqual([]);
  });

  test('mirrors of the inputs come before its hosts', async () => {
    const [own, first, second] = await Promise.all(
      [serves, answers(404), serves].map((script) => scriptedServer(script)),
    );
    const mirrors = [{ registry: own?.host ?? '', domain: first?.host ?? '', prefix: 'p/' }];
    const { client } = await onMachine({ [hostsFileOf(own?.host ?? '')]: `[host."${second?.origin}"]` }, { mirrors });
    await client.resolve(repositoryIn(own?.host ?? ''), '7');
    expect([own, first, second].map((server) => server?.requests.length)).toEqual([0, 2, 1]);
    expect(first?.lines()[0]).toBe('HEAD /v2/p/library/redis/manifests/7');
  });

  test('its server stands in the place of the registry: asked again and again, with its own login', async () => {
    const own = await scriptedServer(serves);
    const server = await scriptedServer((request, response) => {
      if (request.index === 0) return response.writeHead(503).end();
      if (request.headers.authorization) return serves(request, response);
      return response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
    });
    const logins = [own, server].map(({ host }) => ({ registry: host, username: 'u', password: `for-${host}` }));
    const { client } = await onMachine({ [hostsFileOf(own.host)]: `server = "${server.origin}"` }, { logins });
    expect((await client.resolve(repositoryIn(own.host), '7')).digest).toBe(DIGEST);
    expect(own.requests).toEqual([]);
    expect(client.waits).toHaveLength(1);
    const sent = `Basic ${Buffer.from(`u:for-${server.host}`).toString('base64')}`;
    expect(server.requests.map(({ headers }) => headers.authorization).filter(Boolean)).toEqual([sent]);
  });

  test('that names nobody who may say what a tag points to, a tag is an error that says so', async () => {
    const own = await scriptedServer(serves);
    const { client, folder } = await onMachine({ [hostsFileOf(own.host)]: 'capabilities = ["pull"]' });
    await expect(client.resolve(repositoryIn(own.host), '7')).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      reason: `${path.join(folder, hostsFileOf(own.host))} names no host with the capability "resolve"`,
    });
    expect((await client.manifest(repositoryIn(own.host), DIGEST)).digest).toBe(DIGEST);
  });

  test('for all registries but those with their own', async () => {
    const [own, other, mirror] = await Promise.all([serves, serves, serves].map((script) => scriptedServer(script)));
    const { client } = await onMachine({
      'certs.d/_default/hosts.toml': `[host."${mirror?.origin}"]`,
      [`certs.d/${other?.host}/hosts.toml`]: `server = "${other?.origin}"`,
    });
    for (const server of [own, other]) await client.resolve(repositoryIn(server?.host ?? ''), '7');
    expect([own, other, mirror].map((server) => server?.requests.length)).toEqual([0, 1, 1]);
  });

  test('its headers go to the host they are for, and along no redirect', async () => {
    const storage = await scriptedServer(serves);
    const mirror = await scriptedServer(({ path: asked }, response) =>
      response.writeHead(307, { Location: storage.origin + asked }).end(),
    );
    const file = `[host."${mirror.origin}".header]\nX-Key = "hunter2"\nUser-Agent = "other"`;
    const { client } = await onMachine({ [hostsFileOf('127.0.0.1:9')]: file });
    expect((await collect(client.blob(repositoryIn('127.0.0.1:9'), BLOB))).bytes).toEqual(BYTES);
    expect(mirror.requests[0]?.headers).toMatchObject({ 'x-key': 'hunter2', 'user-agent': 'pull-image/test' });
    expect(storage.requests[0]?.headers['x-key']).toBeUndefined();
  });

  test.each([
    ['an authority', 'ca = "ca.pem"'],
    ['no proof', 'skip_verify = true'],
  ])('a certificate is taken with %s', async (_, line) => {
    const server = await scriptedServer(serves, { tls: true });
    const origin = `https://registry.test:${new URL(server.origin).port}`;
    const files = {
      'certs.d/a.test/ca.pem': SELF_SIGNED.cert,
      'certs.d/a.test/hosts.toml': `server = "${origin}"\n${line}`,
    };
    const { client } = await onMachine(files);
    expect((await client.resolve(repositoryIn('a.test'), '7')).digest).toBe(DIGEST);
    const without = await onMachine({ 'certs.d/a.test/hosts.toml': `server = "${origin}"` });
    await expect(without.client.resolve(repositoryIn('a.test'), '7')).rejects.toMatchObject({
      code: 'UNREACHABLE',
      reason: expect.stringContaining('certificate'),
    });
  });

  test.each([
    ['is no TOML', 'server = ', /hosts\.toml is not read: it is not TOML \(line 1/],
    ['names a file that is not there', 'ca = "gone.pem"', /hosts\.toml: .*gone\.pem cannot be read \(ENOENT\)/],
    [
      'names what is no client certificate',
      'client = "hosts.toml"',
      /hosts\.toml: \/.*hosts\.toml: expected a certificate/,
    ],
    ['names a host that is none', '[host."ftp://x:y"]', /hosts\.toml: ftp:\/\/x:y: expected http/],
  ])('that %s is a warning, once, and the pull goes on', async (_, text, warning) => {
    const own = await scriptedServer(serves);
    const { client, warnings } = await onMachine({ [hostsFileOf(own.host)]: text });
    for (const name of ['redis', 'nginx'])
      expect((await client.resolve({ domain: own.host, path: name }, '7')).digest).toBe(DIGEST);
    expect(warnings).toEqual([expect.stringMatching(warning)]);
  });
});

describe('with a registries.conf', () => {
  test('mirrors come in order, those for digests alone are not asked for tags, and the location last', async () => {
    const [moved, digests, all] = await Promise.all(
      [serves, serves, answers(404)].map((script) => scriptedServer(script)),
    );
    const text = `
      [[registry]]
      prefix = "a.test/library"
      location = "${moved?.host}/team"
      [[registry.mirror]]
      location = "${digests?.host}"
      pull-from-mirror = "digest-only"
      [[registry.mirror]]
      location = "${all?.host}/hub"`;
    const { client } = await onMachine({ [CONF]: text });
    expect((await client.resolve(repositoryIn('a.test'), '7')).digest).toBe(DIGEST);
    expect((await client.manifest(repositoryIn('a.test'), DIGEST)).digest).toBe(DIGEST);
    expect(all?.lines()).toEqual(['HEAD /v2/hub/redis/manifests/7', 'GET /v2/hub/redis/manifests/7']);
    expect(moved?.lines()).toEqual(['HEAD /v2/team/redis/manifests/7']);
    expect(digests?.lines()).toEqual([`GET /v2/redis/manifests/${DIGEST}`]);
  });

  test('what it blocks is DENIED with the file and what to do, and nobody is asked', async () => {
    const own = await scriptedServer(serves);
    const { client, folder } = await onMachine({ [CONF]: `[[registry]]\nprefix = "${own.host}"\nblocked = true` });
    await expect(client.resolve(repositoryIn(own.host), '7')).rejects.toMatchObject({
      code: 'DENIED',
      subject: `${own.host}/library/redis`,
      reason: `${path.join(folder, CONF)} blocks ${own.host}`,
      hint: 'Ask who keeps that file, or name another one in CONTAINERS_REGISTRIES_CONF.',
    });
    expect(own.requests).toEqual([]);
  });

  test.each(['mirror/hub', 'https://b.test'])('where it moves a registry to %s, nobody is asked', async (place) => {
    const own = await scriptedServer(serves);
    const text = `[[registry]]\nprefix = "${own.host}"\nlocation = "${place}"`;
    const { client, folder } = await onMachine({ [CONF]: text });
    const file = path.join(folder, CONF);
    await expect(client.resolve(repositoryIn(own.host), '7')).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      subject: `${own.host}/library/redis`,
      reason: expect.stringContaining(`${file} moves ${own.host} to "${place}": expected a location such as`),
      hint: `Correct the location in ${file}.`,
    });
    expect(own.requests).toEqual([]);
  });

  test('what it calls insecure may speak plain HTTP, or show any certificate', async () => {
    for (const tls of [false, true]) {
      const server = await scriptedServer(serves, { tls });
      const host = `registry.test:${new URL(server.origin).port}`;
      const { client } = await onMachine({ [CONF]: `[[registry]]\nlocation = "${host}"\ninsecure = true` });
      expect((await client.resolve(repositoryIn(host), '7')).digest).toBe(DIGEST);
      const below = await onMachine({ [CONF]: '[[registry]]\nprefix = "*.test"\ninsecure = true' });
      expect((await below.client.resolve(repositoryIn(host), '7')).digest).toBe(DIGEST);
      const { client: strict } = await onMachine({ [CONF]: `[[registry]]\nlocation = "${host}"` });
      await expect(strict.resolve(repositoryIn(host), '7')).rejects.toMatchObject({ name: 'PullError' });
    }
  });

  test('nothing is asked of it where a hosts.toml speaks of the registry, but what is blocked is', async () => {
    const [own, mirror] = await Promise.all([serves, serves].map((script) => scriptedServer(script)));
    const host = own?.host ?? '';
    const rule = `[[registry]]\nprefix = "${host}"\n[[registry.mirror]]\nlocation = "${mirror?.host}"`;
    const files = { [CONF]: rule, [hostsFileOf(host)]: `server = "${own?.origin}"` };
    await (await onMachine(files)).client.resolve(repositoryIn(host), '7');
    expect([own, mirror].map((server) => server?.requests.length)).toEqual([1, 0]);
    const { client } = await onMachine({ ...files, [CONF]: `[[registry]]\nprefix = "${host}"\nblocked = true` });
    await expect(client.resolve(repositoryIn(host), '7')).rejects.toMatchObject({ code: 'DENIED' });
  });
});
