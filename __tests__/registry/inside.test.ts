import { afterEach, describe, expect, test } from '@jest/globals';
import type { Zone } from '../../src/registry/addresses.ts';
import { isInside } from '../../src/registry/inside.ts';
import { closeClients, openClient, repositoryAt } from '../support/client.ts';
import { namesOf } from '../support/names.ts';
import { closeServers, scriptedServer, sendJson } from '../support/scripted-server.ts';

test.each<[string, Zone, boolean]>([
  ['registry-1.docker.io', 'public', false],
  ['ghcr.io', 'public', false],
  ['internal.example', 'public', false],
  ['8.8.8.8', 'public', false],
  ['[2606:4700::1]', 'public', false],
  ['harbor.example', 'private', true],
  ['127.0.0.1', 'loopback', true],
  ['localhost', 'loopback', true],
  ['169.254.169.254', 'link-local', true],
  ['registry', 'public', true],
  ['registry.', 'public', true],
  ['registry.corp', 'public', true],
  ['registry.eu.internal', 'public', true],
  ['nas.local.', 'public', true],
  ['nas.home.arpa', 'public', true],
])('%s, which lies in %s, is out of the reach of strangers: %s', (hostname, zone, expected) => {
  expect(isInside(hostname, zone)).toBe(expected);
});

describe('of those who are asked for a repository', () => {
  afterEach(async () => {
    await closeClients();
    await closeServers();
  });

  const lookup = namesOf({ 'harbor.example': ['10.0.0.1'] });

  test.each([
    ['127.0.0.1:5000', 'registry'],
    ['[::1]:5000', 'registry'],
    ['localhost:5000', 'registry'],
    ['10.0.0.5', 'registry'],
    ['registry.internal:5000', 'registry'],
    ['ghcr.io', undefined],
    ['docker.io', undefined],
  ])('%s lies inside: %s', async (domain, expected) => {
    expect(await openClient({ lookup }).inside(repositoryAt(domain))).toBe(expected);
  });

  test('a registry that has a name lies where the name was looked up, for the connection', async () => {
    const server = await scriptedServer((_, response) => sendJson(response, 200, { tags: [] }));
    const client = openClient({ lookup, insecureRegistries: ['registry.test'] });
    const repository = repositoryAt(server.host.replace('127.0.0.1', 'registry.test'));
    expect(await client.inside(repository)).toBeUndefined();
    await client.tags(repository);
    expect(await client.inside(repository)).toBe('registry');
  });

  test('a mirror of a public registry can', async () => {
    const mirrors = [{ registry: 'docker.io', domain: '10.0.0.9:5000', prefix: '' }];
    expect(await openClient({ mirrors }).inside(repositoryAt('docker.io'))).toBe('mirror');
    expect(await openClient({ mirrors }).inside(repositoryAt('ghcr.io'))).toBeUndefined();
  });
});
