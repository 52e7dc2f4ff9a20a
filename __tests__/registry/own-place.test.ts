import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createOrigins } from '../../src/registry/origins.ts';
import { ownPlace } from '../../src/registry/own-place.ts';
import { machineFiles } from '../../src/registry/routes/machine-files.ts';
import { createRoutes } from '../../src/registry/routes/routes.ts';
import { closeNetworks, folderWith } from '../support/network.ts';

afterEach(closeNetworks);

const NAMES = () => ['Runner-1', '172.17.0.1', 'fe80::1', '10.0.0.7'];
const at = (host: string, port = 5000) => ownPlace({ host, port }, NAMES);

const LOOPBACK = [
  'localhost:5000',
  'LOCALHOST:5000',
  'localhost.:5000',
  'a.localhost:5000',
  '127.0.0.1:5000',
  '127.1:5000',
  '[::1]:5000',
  '[0:0:0:0:0:0:0:1]:5000',
  '[::ffff:127.0.0.1]:5000',
  '0.0.0.0:5000',
  '[::]:5000',
];
const MACHINE = ['172.17.0.1:5000', '[fe80::1]:5000', 'runner-1:5000'];
const OTHERS = ['localhost', 'localhost:5001', '127.0.0.2:5000', 'registry.corp:5000', 'docker.io', 'no host', ''];

describe('who listens at', () => {
  test.each(['127.0.0.1', 'localhost', '::1'])(
    '%s is reached by every spelling of loopback, and by nothing else',
    (host) => {
      const isOwn = at(host);
      expect(LOOPBACK.filter((asked) => !isOwn(asked))).toEqual([]);
      expect([...MACHINE, ...OTHERS].filter(isOwn)).toEqual([]);
    },
  );

  test.each(['0.0.0.0', '::'])('%s is reached by each address and the name of the machine as well', (host) => {
    const isOwn = at(host);
    expect([...LOOPBACK, ...MACHINE].filter((asked) => !isOwn(asked))).toEqual([]);
    expect(OTHERS.filter(isOwn)).toEqual([]);
  });

  test('one address is reached by that alone', () => {
    const isOwn = at('172.17.0.1');
    expect([...LOOPBACK, ...MACHINE, ...OTHERS].filter(isOwn)).toEqual(['172.17.0.1:5000']);
    expect(['127.0.0.2:5000', '127.0.0.1:5000'].map(at('127.0.0.2'))).toEqual([true, false]);
  });

  test('a port of HTTP or HTTPS is reached without one', () => {
    for (const port of [80, 443])
      expect(['localhost', `localhost:${port}`].map(at('localhost', port))).toEqual([true, true]);
    expect(at('localhost', 443)('localhost:80')).toBe(false);
  });
});

describe('a repository is never asked of who asks us:', () => {
  const SELF = '127.0.0.1:5000';
  const HOSTS = 'certs.d/a.test/hosts.toml';
  const CONF = 'etc/registries.conf';

  test.each([
    ['a mirror of the inputs', {}, ['docker.io', 'a.test']],
    [
      'a host of hosts.toml',
      { [HOSTS]: `server = "https://b.test"\n[host."http://${SELF}"]` },
      ['docker.io', 'b.test'],
    ],
    ['the server of hosts.toml', { [HOSTS]: `server = "http://${SELF}"` }, ['docker.io', 'a.test']],
    [
      'a mirror of registries.conf',
      { [CONF]: `[[registry]]\nlocation = "a.test"\n[[registry.mirror]]\nlocation = "localhost:5000"` },
      ['docker.io', 'a.test'],
    ],
    [
      'where registries.conf moves it',
      { [CONF]: '[[registry]]\nprefix = "a.test"\nlocation = "localhost:5000/a.test"' },
      ['docker.io', 'a.test'],
    ],
  ])('%s', async (_, files, asked) => {
    const folder = await folderWith(files);
    const folders = { hosts: [path.join(folder, 'certs.d')], containers: path.join(folder, 'etc') };
    const routesOf = createRoutes({
      mirrors: ['localhost:5000', 'docker.io'].map((domain) => ({ registry: 'a.test', domain, prefix: '' })),
      files: machineFiles({ HOME: folder }, () => {}, folders),
      origins: createOrigins(),
      isOwn: at('127.0.0.1'),
    });
    const routes = await routesOf({ domain: 'a.test', path: 'app' });
    expect(routes.map(({ repository }) => repository.domain)).toEqual(asked);
    expect(routes.at(-1)).toMatchObject({ kind: 'registry', resolves: true, pulls: true });
  });
});
