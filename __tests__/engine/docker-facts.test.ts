import { afterEach, describe, expect, test } from '@jest/globals';
import { connectDocker } from '../../src/engine/docker.ts';
import { dockerApi } from '../../src/engine/docker-api.ts';
import { dockerFacts } from '../../src/engine/docker-facts.ts';
import {
  type DaemonFacts,
  type DaemonScript,
  json,
  type ScriptedDaemon,
  scriptedDaemon,
} from '../support/docker-daemon.ts';

const daemons: ScriptedDaemon[] = [];
afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.close();
});

async function daemonThat(script?: DaemonScript, facts?: DaemonFacts): Promise<ScriptedDaemon> {
  const daemon = await scriptedDaemon(script, facts);
  daemons.push(daemon);
  return daemon;
}

const signal = new AbortController().signal;
const factsOf = async (facts: DaemonFacts) => {
  const { host } = await daemonThat(undefined, facts);
  return dockerFacts(dockerApi(host, signal), host, 5000, signal);
};
const snapshotter = [['driver-type', 'io.containerd.snapshotter.v1']];

describe('the facts of a daemon', () => {
  test.each<[DaemonFacts, object]>([
    [
      { version: '20.10.24+dfsg1', apiVersion: '1.41' },
      {
        title: 'Docker 20.10.24+dfsg1 (overlay2)',
        apiVersion: '1.41',
        keepsManifests: false,
        inspectsManifests: false,
        readsZstd: false,
      },
    ],
    [
      { version: '23.0.0', apiVersion: '1.42' },
      { readsZstd: true, inspectsManifests: false },
    ],
    [
      { version: '26.1.5', apiVersion: '1.45', driver: 'overlayfs', driverStatus: snapshotter },
      {
        title: 'Docker 26.1.5 (containerd image store)',
        keepsManifests: true,
        inspectsManifests: false,
        readsZstd: true,
      },
    ],
    [
      { version: '28.0.4', apiVersion: '1.48', driver: 'overlayfs', driverStatus: snapshotter },
      { keepsManifests: true, inspectsManifests: true },
    ],
    [{ version: '29.4.2', apiVersion: '1.53' }, { apiVersion: '1.52' }],
    [
      { version: 'dev', apiVersion: '1.60', driverStatus: null },
      { apiVersion: '1.52', readsZstd: false, keepsManifests: false },
    ],
    [{ version: '1.0\u001b[31m\n::error::x' }, { title: 'Docker 1.0 : :error: :x (overlay2)' }],
  ])('%j', async (given, expected) => {
    expect(await factsOf(given)).toMatchObject({ ...expected, platform: { os: 'linux', architecture: 'amd64' } });
  });

  test('are asked in the version that was negotiated, on connections that do not stay', async () => {
    const daemon = await daemonThat();
    const engine = await connectDocker(daemon.host, signal);
    expect(engine).toMatchObject({
      title: 'Docker 20.10.24 (overlay2)',
      platform: { os: 'linux', architecture: 'amd64' },
    });
    expect([...daemon.requests].sort()).toEqual(['GET /_ping', 'GET /v1.41/info', 'GET /v1.41/version']);
  });
});

describe('what is no Docker daemon', () => {
  test.each<[string, DaemonScript, string]>([
    [
      'another web server',
      (_, response) => response.end('Welcome'),
      'expected a Docker daemon, found an answer with status 200',
    ],
    [
      'a page that is not there',
      (_, response) => response.writeHead(404).end('<h1>Not ::error::Found</h1>'),
      'found an answer with status 404: <h1>Not : :error: :Found</h1>',
    ],
    [
      'a daemon that wants TLS',
      (_, response) => response.writeHead(400).end('Client sent an HTTP request to an HTTPS server.\n'),
      'found an answer with status 400: Client sent an HTTP request to an HTTPS server.',
    ],
    [
      'an odd API version',
      (_, response) => response.setHeader('Api-Version', '2.0').end('OK'),
      'expected a Docker daemon',
    ],
    [
      'a proxy that keeps /info to itself',
      (request, response) => (request.url?.endsWith('/info') ? response.writeHead(403).end('Forbidden') : false),
      'expected facts from /v1.41/info, found an answer with status 403: Forbidden',
    ],
    [
      'facts that are none',
      (request, response) => (request.url?.endsWith('/version') ? json(response, 200, null) : false),
      'expected facts from /v1.41/version, found an answer with status 200',
    ],
    [
      'a server that does not speak HTTP',
      (request) => request.socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
      'expected a Docker daemon, found a server that does not speak HTTP',
    ],
    [
      'a server that hangs up',
      (request) => request.socket.destroy(),
      'the connection was closed before the answer was complete',
    ],
    [
      'half an answer',
      (request, response) =>
        response.writeHead(200, { 'Content-Length': '10' }).write('OK', () => request.socket.destroy()),
      'the connection was closed before the answer was complete',
    ],
  ])('%s', async (_, script, words) => {
    const { host } = await daemonThat(script);
    await expect(connectDocker(host, signal)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      subject: 'Docker',
      message: expect.stringContaining(`${host.from}: `),
      reason: expect.stringContaining(words),
      hint: expect.stringMatching(/\.$/),
    });
  });

  test.each<[string, DaemonScript]>([
    ['never answers', () => true],
    ['never ends its answer', (_, response) => response.writeHead(200, { 'Api-Version': '1.41' }).write('O')],
  ])('a daemon that %s is given up', async (_, script) => {
    const daemon = await daemonThat(script);
    await expect(connectDocker(daemon.host, signal, { pingMs: 100 })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: `Docker: ${daemon.host.from}: no answer within 0.1 s`,
    });
  });

  test('a cancelled run is told at once', async () => {
    const controller = new AbortController();
    const { host } = await daemonThat(() => controller.abort());
    await expect(connectDocker(host, controller.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(connectDocker(host, controller.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
