import { afterEach, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { closeClients, collect, openClient } from '../support/client.ts';
import { namesOf } from '../support/names.ts';
import { closeNetworks, folderWith } from '../support/network.ts';
import { closeServers, type Script, scriptedServer } from '../support/scripted-server.ts';
import { SELF_SIGNED } from '../support/self-signed.ts';

const BYTES = Buffer.from('a layer that its registry may not hand out');
const BLOB = { mediaType: 'x', digest: digestOf(BYTES), size: BYTES.length };

afterEach(async () => {
  await closeClients();
  await closeServers();
  await closeNetworks();
});

const missing: Script = (request, response) =>
  request.headers.authorization
    ? response.writeHead(404).end()
    : response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();

/** A registry that has not got the layer, and a storage host `registry.test` over TLS that asks everybody for a login it must not get. */
async function setup(own: Script, { listed = true, status = 200 } = {}) {
  const registry = await scriptedServer(own);
  const storage = await scriptedServer(
    (_, response) => response.writeHead(status, { 'WWW-Authenticate': 'Basic realm="x"' }).end(BYTES),
    { tls: true },
  );
  const host = `registry.test:${new URL(storage.origin).port}`;
  const folder = await folderWith({ [`${host}/ca.crt`]: SELF_SIGNED.cert });
  const client = openClient({
    lookup: namesOf(),
    certificateFolders: [folder],
    insecureRegistries: listed ? [host] : [],
    logins: [registry.host, host].map((name) => ({ registry: name, username: 'robot', password: 'secret' })),
  });
  const pull = (urls: readonly string[]) =>
    collect(client.blob({ domain: registry.host, path: 'windows/base' }, { ...BLOB, urls }));
  return { registry, storage, host, pull };
}

describe('a layer with URLs', () => {
  test('comes from the registry if that has it', async () => {
    const { storage, host, pull } = await setup((_, response) => response.end(BYTES));
    expect((await pull([`https://${host}/layer`])).bytes).toEqual(BYTES);
    expect(storage.requests).toEqual([]);
  });

  test('comes from its URL otherwise, asked without a login', async () => {
    const { storage, host, pull } = await setup(missing);
    expect((await pull(['ftp://x.test/layer', `https://${host}/layer?a=b`])).bytes).toEqual(BYTES);
    expect(storage.lines()).toEqual(['GET /layer?a=b']);
    expect(storage.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('is not asked for with a login, even if the storage host wants one (CVE-2020-15157)', async () => {
    const { storage, host, pull } = await setup(missing, { status: 401 });
    expect((await pull([`https://${host}/layer`])).error).toMatchObject({
      code: 'BLOB_UNKNOWN',
      reason: expect.stringContaining(`${host}, which the manifest names: `),
    });
    expect(storage.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test.each([
    ['https://HOST/layer?sig=hunter2', 'registry.test: 127.0.0.1 is an address of this machine'],
    ['https://127.0.0.1:1/layer?sig=hunter2', '127.0.0.1 is an address of this machine'],
    ['http://registry.test/layer?sig=hunter2', 'it is not https:'],
    ['https://169.254.169.254/?sig=hunter2', '169.254.169.254 is an address of the local link'],
  ])('is not asked for at %s', async (url, why) => {
    const { registry, storage, host, pull } = await setup(missing, { listed: false });
    const { error } = await pull([url.replace('HOST', host)]);
    expect(error).toMatchObject({ code: 'BLOB_UNKNOWN', reason: expect.stringContaining(why) });
    expect(String(error)).not.toContain('hunter2');
    expect(storage.requests).toEqual([]);
    expect(registry.requests.length).toBeGreaterThan(0);
  });

  test('is not asked for elsewhere because the registry is down', async () => {
    const { storage, host, pull } = await setup((_, response) => response.writeHead(503).end());
    expect((await pull([`https://${host}/layer`])).error).toMatchObject({ code: 'UNAVAILABLE' });
    expect(storage.requests).toEqual([]);
  });

  test('is asked for at four of them at most', async () => {
    const { storage, host, pull } = await setup(missing, { status: 404 });
    await pull(Array.from({ length: 9 }, (_, index) => `https://${host}/${index}`));
    expect(storage.requests).toHaveLength(4);
  });
});
