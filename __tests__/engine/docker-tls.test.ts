import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connectDocker } from '../../src/engine/docker.ts';
import { dockerHost } from '../../src/engine/docker-host.ts';
import type { Engine } from '../../src/ports.ts';
import { DOCKER_CERTIFICATES } from '../support/docker-certificates.ts';
import { json } from '../support/docker-daemon.ts';

const { 'cert.pem': cert, 'key.pem': key, 'ca.pem': ca } = DOCKER_CERTIFICATES;

let server: Server;
let certificates: string;
/** Host header and name of the client certificate of every request. */
let asked: string[];
beforeEach(async () => {
  asked = [];
  certificates = await mkdtemp(path.join(tmpdir(), 'docker-certificates-'));
  for (const [name, text] of Object.entries(DOCKER_CERTIFICATES)) await writeFile(path.join(certificates, name), text);
  server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    const { CN } = (request.socket as TLSSocket).getPeerCertificate().subject;
    asked.push(`${request.headers.host} ${CN}`);
    response.setHeader('Api-Version', '1.41');
    json(response, 200, { Version: '20.10.24', Os: 'linux', Arch: 'amd64', Driver: 'overlay2' });
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(certificates, { recursive: true });
});

const port = () => (server.address() as AddressInfo).port;

async function connect(host: string, environment: object = {}): Promise<Engine> {
  const all = {
    DOCKER_HOST: `tcp://${host}:${port()}`,
    DOCKER_TLS_VERIFY: '1',
    DOCKER_CERT_PATH: certificates,
    ...environment,
  };
  const found = dockerHost(all);
  if (!found) throw new Error('DOCKER_HOST is set');
  return connectDocker(found, new AbortController().signal);
}

test.each(['127.0.0.1', 'localhost'])(
  'over TLS the certificate is held against %s, and ours is shown',
  async (host) => {
    expect((await connect(host)).title).toBe('Docker 20.10.24 (overlay2)');
    expect(new Set(asked)).toEqual(new Set([`${host}:${port()} docker.test`]));
  },
);

test('a certificate of another authority is refused', async () => {
  await writeFile(path.join(certificates, 'ca.pem'), '');
  await expect(connect('127.0.0.1')).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringContaining('certificate'),
  });
  expect(asked).toEqual([]);
});

test('TLS that was forgotten is an error that names the address', async () => {
  await expect(connect('127.0.0.1', { DOCKER_TLS_VERIFY: '' })).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringContaining(`DOCKER_HOST=tcp://127.0.0.1:${port()}: `),
  });
});

test('certificates that are not there are an error that says where', async () => {
  await expect(connect('127.0.0.1', { DOCKER_CERT_PATH: '/no/such/folder' })).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringContaining(
      'DOCKER_TLS_VERIFY is set, but the certificates in /no/such/folder cannot be read',
    ),
    hint: 'Point DOCKER_CERT_PATH at a folder with ca.pem, cert.pem and key.pem.',
  });
});
