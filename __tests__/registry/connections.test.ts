import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createConnections } from '../../src/registry/connections.ts';
import { createInsecure } from '../../src/registry/insecure.ts';
import { createOrigins } from '../../src/registry/origins.ts';
import { namesOf } from '../support/names.ts';
import { closeNetworks, folderWith } from '../support/network.ts';
import { SELF_SIGNED } from '../support/self-signed.ts';

const GHCR = new URL('https://ghcr.io/');

afterEach(closeNetworks);

async function open(environment: Record<string, string> = {}, files: Record<string, string> = {}) {
  const insecure = createInsecure(['insecure.test'], namesOf());
  const certificateFolders = [await folderWith(files)];
  return createConnections({ environment, insecure, certificateFolders, origins: createOrigins() });
}

describe('a connection', () => {
  test('to a public registry takes Node as it is', async () => {
    const { connectionFor } = await open();
    expect(await connectionFor(GHCR)).toEqual({
      proxy: undefined,
      listedOnly: false,
      trust: { rejectUnauthorized: true },
    });
  });

  test('is plain data, for a worker to have', async () => {
    const host = 'registry.test:5000';
    const { cert, key } = SELF_SIGNED;
    const files = { [`${host}/a.crt`]: cert, [`${host}/b.cert`]: cert, [`${host}/b.key`]: key };
    const { connectionFor } = await open({ HTTPS_PROXY: 'http://user:secret@proxy:3128' }, files);
    const connection = await connectionFor(new URL(`https://${host}/`));
    expect(structuredClone(connection)).toEqual(connection);
    expect(connection).toMatchObject({
      proxy: 'http://user:secret@proxy:3128/',
      trust: { cert, key, rejectUnauthorized: true },
    });
    expect(connection.trust.ca).toEqual(expect.arrayContaining([SELF_SIGNED.cert, rootCertificates[0]]));
  });

  test('has the certificates of its own host and port alone', async () => {
    const { connectionFor } = await open({}, { 'registry.test:5000/a.crt': SELF_SIGNED.cert });
    for (const other of ['https://registry.test/', 'https://registry.test:5001/', 'http://registry.test:5000/'])
      expect((await connectionFor(new URL(other))).trust.ca).toBeUndefined();
  });

  test.each(['registry.test', 'registry.test:443', 'registry.test_443_'])(
    'on port 443 finds the folder %s',
    async (folder) => {
      const { connectionFor } = await open({}, { [`${folder}/a.crt`]: SELF_SIGNED.cert });
      expect((await connectionFor(new URL('https://registry.test/'))).trust.ca).toContain(SELF_SIGNED.cert);
    },
  );

  test('to Docker Hub finds the folder docker.io', async () => {
    const { connectionFor } = await open({}, { 'docker.io/a.crt': SELF_SIGNED.cert });
    expect((await connectionFor(new URL('https://registry-1.docker.io/'))).trust.ca).toContain(SELF_SIGNED.cert);
  });

  test('to an insecure registry takes any certificate', async () => {
    const { connectionFor } = await open();
    expect((await connectionFor(new URL('https://insecure.test/'))).trust).toEqual({ rejectUnauthorized: false });
  });
});

describe('every authority of the machine', () => {
  test('is trusted once one was missing, everywhere, and parsed for all in common', async () => {
    const bundle = await folderWith({ 'ca.pem': `text\n${SELF_SIGNED.cert}\ntext` });
    const { connectionFor, wider } = await open({ SSL_CERT_FILE: path.join(bundle, 'ca.pem') });
    const narrow = await connectionFor(GHCR);
    const wide = await wider(GHCR, narrow);
    expect(wide?.trust.ca).toEqual([...rootCertificates, SELF_SIGNED.cert]);
    expect((await connectionFor(new URL('https://quay.io/'))).trust).toBe(wide?.trust);
    expect(wide && (await wider(GHCR, wide))).toBeUndefined();
  });

  test('that cannot be read is as good as none', async () => {
    const { connectionFor, wider } = await open({ SSL_CERT_FILE: '/nowhere/ca.pem', SSL_CERT_DIR: '/nowhere' });
    expect((await wider(GHCR, await connectionFor(GHCR)))?.trust.ca).toEqual([...rootCertificates]);
  });
});
