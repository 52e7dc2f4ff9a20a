import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../../src/oci/digest.ts';
import { publicOnly } from '../../../src/pull/save.ts';
import type { RegistryOptions } from '../../../src/registry/registry.ts';
import { machineFiles } from '../../../src/registry/routes/machine-files.ts';
import { anonymousRegistry } from '../../../src/wire.ts';
import { closeClients, collect, openClient } from '../../support/client.ts';
import { namesOf } from '../../support/names.ts';
import { closeNetworks, folderWith } from '../../support/network.ts';
import { closeServers, type Script, scriptedServer } from '../../support/scripted-server.ts';
import { SELF_SIGNED } from '../../support/self-signed.ts';

const BYTES = Buffer.from('the bytes of a layer');
const BLOB = { mediaType: 'x', digest: digestOf(BYTES), size: BYTES.length };
const SECRET = 'Basic c2VjcmV0';

afterEach(async () => {
  await closeClients();
  await closeNetworks();
  await closeServers();
});

/** Clients on one machine: hosts.toml in `certs.d`, certificates in `certs`. */
async function machineWith(files: Readonly<Record<string, string>>) {
  const folder = await folderWith(files);
  const folders = { hosts: [path.join(folder, 'certs.d')], containers: path.join(folder, 'etc') };
  return (options: Partial<RegistryOptions> = {}) =>
    openClient({
      machineFiles: machineFiles({ HOME: folder }, () => {}, folders),
      certificateFolders: [path.join(folder, 'certs')],
      lookup: namesOf(),
      ...options,
    });
}

const opensFor =
  (name: string, value: string): Script =>
  ({ headers }, response) =>
    headers[name] === value
      ? response.writeHead(200, { 'Docker-Content-Digest': BLOB.digest }).end(BYTES)
      : response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();

describe('what opens a registry out of the files of the machine', () => {
  test.each([
    ['Authorization', SECRET],
    ['X-Key', 'k'],
  ])('counts as a login if it is the header %s, and nobody anonymous sends it', async (name, value) => {
    const server = await scriptedServer(opensFor(name.toLowerCase(), value));
    const open = await machineWith({ [`certs.d/${server.host}/hosts.toml`]: `[header]\n${name} = "${value}"` });
    const reference = { domain: server.host, path: 'team/private', tag: '1' };
    const client = open();
    const { digest } = await client.resolve(reference, '1');
    expect(await client.usesLogin(reference)).toBe(true);
    // As if the server lay on the internet.
    const image = { key: 'k', reference, target: digest, packs: [], fetched: [], tagAsked: true, inside: undefined };
    expect(await open().has(reference, digest)).toBe(true);
    expect(await publicOnly([{ ...image, withLogin: true }], open({ anonymous: true }))).toEqual([]);
    expect(server.requests.at(-1)?.headers[name.toLowerCase()]).toBeUndefined();
  });

  test.each(['certs/a.test/client', 'certs.d/a.test/client'])('counts as a login if it is %s.cert', async (file) => {
    const hosts = { 'certs.d/a.test/hosts.toml': 'client = [["client.cert", "client.key"]]' };
    const open = await machineWith({
      ...(file.startsWith('certs.d') ? hosts : {}),
      [`${file}.cert`]: SELF_SIGNED.cert,
      [`${file}.key`]: SELF_SIGNED.key,
    });
    const repository = { domain: 'a.test', path: 'team/private' };
    expect(await open().usesLogin(repository)).toBe(true);
    expect(await open({ anonymous: true }).usesLogin(repository)).toBe(false);
    expect(await open().usesLogin({ ...repository, domain: 'b.test' })).toBe(false);
  });

  test('is not shown by whoever asks at the end of the job what is public', async () => {
    const folder = await folderWith({
      '.config/docker/certs.d/a.test/client.cert': SELF_SIGNED.cert,
      '.config/docker/certs.d/a.test/client.key': SELF_SIGNED.key,
    });
    const environment = { HOME: folder };
    const anonymous = anonymousRegistry(new AbortController().signal, environment);
    const repository = { domain: 'a.test', path: 'team/private' };
    expect(await anonymous.usesLogin(repository)).toBe(false);
    await anonymous.close();
    expect(await openClient({ environment }).usesLogin(repository)).toBe(true);
  });

  test('counts as a login where only a mirror has it', async () => {
    const file = '[host."https://m.test".header]\nX-Key = "k"';
    const open = await machineWith({ 'certs.d/a.test/hosts.toml': file });
    expect(await open().usesLogin({ domain: 'a.test', path: 'x' })).toBe(true);
  });

  test('is held for one where it cannot be read', async () => {
    const open = await machineWith({ 'certs/a.test/client.cert': SELF_SIGNED.cert });
    expect(await open().usesLogin({ domain: 'a.test', path: 'x' })).toBe(true);
  });

  test('is none where the files say nothing of it', async () => {
    const open = await machineWith({ 'certs.d/a.test/hosts.toml': 'skip_verify = true' });
    expect(await open().usesLogin({ domain: 'a.test', path: 'x' })).toBe(false);
  });
});

test('the headers of a host do not come back with a redirect by another, nor with one of its own after that', async () => {
  const other = await scriptedServer((_, response) =>
    response.writeHead(307, { Location: `${main.origin}/first` }).end(),
  );
  const main = await scriptedServer(({ path: asked }, response) => {
    const to = { '/first': `${main.origin}/second`, '/second': '' }[asked] ?? `${other.origin}/back`;
    return to === '' ? response.writeHead(200).end(BYTES) : response.writeHead(307, { Location: to }).end();
  });
  const open = await machineWith({ [`certs.d/${main.host}/hosts.toml`]: `[header]\nAuthorization = "${SECRET}"` });
  expect((await collect(open().blob({ domain: main.host, path: 'a/b' }, BLOB))).bytes).toEqual(BYTES);
  expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  expect(main.requests.map(({ headers }) => headers.authorization)).toEqual([SECRET, undefined, undefined]);
});

test('the headers of a host go along where it sends us on within itself', async () => {
  const main = await scriptedServer(({ path: asked }, response) =>
    asked === '/there' ? response.writeHead(200).end(BYTES) : response.writeHead(307, { Location: '/there' }).end(),
  );
  const open = await machineWith({ [`certs.d/${main.host}/hosts.toml`]: `[header]\nAuthorization = "${SECRET}"` });
  await collect(open().blob({ domain: main.host, path: 'a/b' }, BLOB));
  expect(main.requests.map(({ headers }) => headers.authorization)).toEqual([SECRET, SECRET]);
});
