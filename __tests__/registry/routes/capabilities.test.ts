import { afterEach, describe, expect, test } from '@jest/globals';
import { closeClients, collect } from '../../support/client.ts';
import { hostsFileOf, onMachine } from '../../support/machine.ts';
import { closeNetworks } from '../../support/network.ts';
import { BLOB, BYTES, DIGEST, MANIFEST, serves } from '../../support/one-image.ts';
import { closeServers, type Script, scriptedServer } from '../../support/scripted-server.ts';

afterEach(async () => {
  await closeClients();
  await closeNetworks();
  await closeServers();
});

/** A registry that says what tags point to and nothing else, and a mirror that gives what has a digest. */
async function divided(script: Script) {
  const own = await scriptedServer(serves);
  const mirror = await scriptedServer(script);
  const text = `capabilities = ["resolve"]\n[host."${mirror.origin}"]\ncapabilities = ["pull"]`;
  const { client } = await onMachine({ [hostsFileOf(own.host)]: text });
  return { own, mirror, client, repository: { domain: own.host, path: 'library/redis' } };
}

describe('a registry that may not give what has a digest is not asked for it', () => {
  test('after wrong bytes: the mirror is, once more', async () => {
    const { own, mirror, client, repository } = await divided(({ index }, response) =>
      response.writeHead(200).end(index === 0 ? Buffer.alloc(BYTES.length) : BYTES),
    );
    expect((await collect(client.blob(repository, BLOB))).bytes).not.toEqual(BYTES);
    expect((await collect(client.blob(repository, BLOB))).bytes).toEqual(BYTES);
    expect(mirror.requests).toHaveLength(2);
    expect(own.requests).toEqual([]);
  });

  test('nor whether it has a manifest, which then counts as no', async () => {
    const { own, mirror, client, repository } = await divided(serves);
    expect(await client.has(repository, DIGEST)).toBe(false);
    expect([own, mirror].flatMap(({ requests }) => requests)).toEqual([]);
  });

  test('nor where the mirror could not be reached before: that is what the error says, each time', async () => {
    const { own, mirror, client, repository } = await divided(serves);
    expect((await client.manifest(repository, DIGEST)).bytes).toEqual(MANIFEST);
    await mirror.close();
    for (let time = 0; time < 2; time += 1)
      await expect(client.manifest(repository, DIGEST)).rejects.toMatchObject({
        code: 'UNREACHABLE',
        reason: expect.stringContaining(`cannot reach ${mirror.host}`),
      });
    expect(own.requests).toEqual([]);
  });
});
