import { describe, expect, test } from '@jest/globals';
import type { AuthFile } from '../../src/registry/auth-files.ts';
import type { AskHelper } from '../../src/registry/credential-helper.ts';
import { type Credential, loginDomain, loginName } from '../../src/registry/credentials.ts';
import { parseDockerConfig } from '../../src/registry/docker-config.ts';
import type { Login } from '../../src/settings.ts';
import { openFinder } from '../support/credential-finder.ts';

const encode = (text: string) => Buffer.from(text).toString('base64');
const entry = { auth: encode('u:p') };
const known = { username: 'u', password: 'p', from: 'a file' };
const file = (config: object, rules: AuthFile['rules'] = 'docker', name = 'a file'): AuthFile => ({
  name,
  rules,
  config: parseDockerConfig(JSON.stringify(config)),
});

interface Sources {
  logins?: Login[];
  authFiles?: AuthFile[];
  githubToken?: string;
  askHelper?: AskHelper;
}
const find = (domain: string, sources: Sources, path = 'o/r'): Promise<Credential | undefined> =>
  openFinder(sources).find({ domain, path });

describe('a credential', () => {
  const login = { registry: 'ghcr.io', username: 'input', password: 'secret' };
  const docker = file({ auths: { 'ghcr.io': entry } }, 'docker', 'config.json');
  const podman = file({ auths: { 'ghcr.io': entry } }, 'podman', 'auth.json');
  const variable = file({ auths: { 'ghcr.io': entry } }, 'variable', 'DOCKER_AUTH_CONFIG');

  test.each<[Sources, string]>([
    [{ logins: [login], authFiles: [variable, docker, podman], githubToken: 't' }, 'the inputs'],
    [{ authFiles: [variable, docker, podman], githubToken: 't' }, 'DOCKER_AUTH_CONFIG'],
    [{ authFiles: [docker, podman], githubToken: 't' }, 'config.json'],
    [{ authFiles: [podman], githubToken: 't' }, 'auth.json'],
    [{ authFiles: [file({ auths: { 'quay.io': entry } })], githubToken: 't' }, 'github-token'],
  ])('comes from the nearest source, %#', async (sources, from) => {
    expect((await find('ghcr.io', sources))?.from).toBe(from);
  });

  test('is the token of the job for ghcr.io alone, and nobody asked for it', async () => {
    expect(await find('ghcr.io', { githubToken: 't' })).toEqual({
      username: 'x-access-token',
      password: 't',
      from: 'github-token',
      optional: true,
    });
    expect(await find('ghcr.io', { githubToken: '' })).toBeUndefined();
    for (const domain of ['ghcr.io.evil.example', 'docker.io', 'ghcr.io:443'])
      expect(await find(domain, { logins: [login], authFiles: [docker], githubToken: 't' })).toBeUndefined();
  });

  test('without a password counts as none', async () => {
    expect(await find('ghcr.io', { logins: [{ ...login, password: '' }] })).toBeUndefined();
  });

  test('given twice is the one with the narrowest scope, else the last', async () => {
    const logins = [
      { ...login, username: 'app', scope: 'org/app' },
      { ...login, username: 'org', scope: 'org' },
      { ...login, username: 'first' },
      { ...login, username: 'last' },
    ];
    const name = async (path: string) => (await find('ghcr.io', { logins }, path))?.username;
    expect(await Promise.all(['org/app', 'org/app/part', 'org/apple', 'o/r'].map(name))).toEqual([
      'app',
      'app',
      'org',
      'last',
    ]);
  });

  test.each([
    ['', 'docker.io'],
    ['docker.io', 'docker.io'],
    ['index.docker.io', 'docker.io'],
    ['https://index.docker.io/v1/', 'docker.io'],
    ['registry-1.docker.io', 'docker.io'],
    ['https://ghcr.io', 'ghcr.io'],
    ['GHCR.io', 'ghcr.io'],
    ['localhost:5000/', 'localhost:5000'],
    [' quay.io ', 'quay.io'],
  ])('given for %j is for %s', (registry, domain) => {
    expect(loginDomain(registry)).toBe(domain);
  });
});

describe('Docker’s file', () => {
  test.each([
    ['docker.io', 'https://index.docker.io/v1/', known],
    ['docker.io', 'docker.io', undefined],
    ['docker.io', 'index.docker.io', undefined],
    ['docker.io', 'https://index.docker.io/v2/', undefined],
    ['gcr.io', 'gcr.io', known],
    ['gcr.io', 'https://gcr.io', known],
    ['gcr.io', 'http://gcr.io/v1/', known],
    ['gcr.io', 'gcr.io/v2', known],
    ['gcr.io', 'https://GCR.io', undefined],
    ['gcr.io', 'eu.gcr.io', undefined],
    ['gcr.io:443', 'gcr.io', undefined],
    ['localhost:5000', 'https://localhost:5000', known],
    ['localhost', 'localhost:5000', undefined],
    ['toString', 'x', undefined],
    ['__proto__', 'x', undefined],
  ])('for %s under the key %s', async (domain, key, expected) => {
    expect(await find(domain, { authFiles: [file({ auths: { [key]: entry } })] })).toEqual(expected);
  });

  test('prefers the very key to an older spelling', async () => {
    const auths = { 'https://gcr.io': { auth: encode('old:p') }, 'gcr.io': entry };
    expect(await find('gcr.io', { authFiles: [file({ auths })] })).toEqual(known);
  });

  test('with an entry that cannot be decoded is a warning, for its registry alone, once', async () => {
    const finder = openFinder({
      authFiles: [file({ auths: { 'r.example': { auth: '!!' }, 'other.example': entry } })],
    });
    for (const path of ['a', 'b']) expect(await finder.find({ domain: 'r.example', path })).toBeUndefined();
    expect(await finder.find({ domain: 'other.example', path: 'a' })).toEqual(known);
    expect(finder.warnings).toEqual(['credentials are not read: a file: r.example: is not base64']);
  });
});

describe('Podman’s file', () => {
  const auths = {
    'example.org/repo': { auth: encode('repo:p') },
    'example.org': { auth: encode('host:p') },
    'https://old.example/v1/': { auth: encode('old:p') },
    'https://index.docker.io/v1/': { auth: encode('hub:p') },
    'docker.io/vendor': { auth: encode('vendor:p') },
    'quay.io/a@b': { auth: encode('never:p') },
  };

  test.each([
    ['example.org', 'repo/image', 'repo'],
    ['example.org', 'repo', 'repo'],
    ['example.org', 'repository', 'host'],
    ['old.example', 'a', 'old'],
    ['docker.io', 'library/redis', 'hub'],
    ['docker.io', 'vendor/x', 'vendor'],
    ['quay.io', 'a', undefined],
  ])('for %s/%s names %s', async (domain, path, username) => {
    expect((await find(domain, { authFiles: [file({ auths }, 'podman')] }, path))?.username).toBe(username);
  });
});

describe('a program named in Podman’s file', () => {
  const askHelper: AskHelper = async (name, server) => ({ username: name, password: `for ${server}` });

  test('is asked for its own registries, by their own names', async () => {
    const podman = file({ auths: {}, credHelpers: { 'docker.io': 'keeper' } }, 'podman');
    const found = await find('docker.io', { authFiles: [podman], askHelper });
    expect(found).toMatchObject({ username: 'keeper', password: 'for docker.io' });
  });

  test('as credsStore is not asked, for Podman knows no such thing', async () => {
    const podman = file({ auths: { 'gcr.io': entry }, credsStore: 'keeper' }, 'podman');
    expect(await find('gcr.io', { authFiles: [podman], askHelper })).toEqual(known);
  });
});

describe('a program that keeps credentials', () => {
  const askHelper: AskHelper = async (name, server) => ({ username: name, password: `for ${server}` });

  test.each([
    ['docker.io', { credsStore: 'desktop' }, 'desktop', 'for https://index.docker.io/v1/'],
    ['gcr.io', { credsStore: 'desktop', credHelpers: { 'gcr.io': 'gcloud' } }, 'gcloud', 'for gcr.io'],
    ['gcr.io', { credsStore: 'desktop', credHelpers: { 'gcr.io': '' } }, 'desktop', 'for gcr.io'],
    ['gcr.io', { credHelpers: { 'gcr.io': '' } }, 'u', 'p'],
    ['gcr.io', { credHelpers: { '*.io': 'x', 'https://gcr.io': 'x', 'GCR.io': 'x' } }, 'u', 'p'],
  ])('for %s with %j is %s', async (domain, config, username, password) => {
    const authFiles = [file({ auths: { 'gcr.io': entry, 'https://index.docker.io/v1/': entry }, ...config })];
    expect(await find(domain, { authFiles, askHelper })).toMatchObject({ username, password });
  });

  test('and knows nothing leaves no entry of the file to count, but the next file', async () => {
    const authFiles = [file({ auths: { 'gcr.io': entry }, credsStore: 'x' })];
    const nothing: AskHelper = async () => undefined;
    expect(await find('gcr.io', { authFiles, askHelper: nothing })).toBeUndefined();
    const more = [...authFiles, file({ auths: { 'gcr.io': entry } }, 'podman')];
    expect(await find('gcr.io', { authFiles: more, askHelper: nothing })).toEqual(known);
  });

  test('is asked once for a registry, and what it says is told as secret', async () => {
    const asked: string[] = [];
    const finder = openFinder({
      authFiles: [file({ credsStore: 'x' })],
      askHelper: async (_, server) => {
        asked.push(server);
        return { identityToken: 'token' };
      },
    });
    const all = await Promise.all(['a', 'b', 'a'].map((path) => finder.find({ domain: 'gcr.io', path })));
    expect(all).toEqual(Array(3).fill({ identityToken: 'token', from: 'docker-credential-x' }));
    expect(asked).toEqual(['gcr.io']);
    expect(finder.secrets).toEqual([{ username: '', password: 'token' }]);
  });

  test('cannot fail a pull unless it is cancelled', async () => {
    const failing = (code: 'INPUT_INVALID' | 'CANCELLED') =>
      openFinder({ authFiles: [file({ credsStore: 'x' })], failing: code });
    const finder = failing('INPUT_INVALID');
    expect(await finder.find({ domain: 'gcr.io', path: 'a' })).toBeUndefined();
    expect(finder.warnings).toEqual(['credentials are not read: docker-credential-x: is not on the PATH']);
    await expect(failing('CANCELLED').find({ domain: 'gcr.io', path: 'a' })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

test('the inputs are never told as secret here, for they are masked already', async () => {
  const finder = openFinder({ logins: [{ registry: 'r.example', username: 'u', password: 'p' }] });
  await finder.find({ domain: 'r.example', path: 'a' });
  expect(finder.secrets).toEqual([]);
});

test.each([
  ['alice', 'alice'],
  ['robot$project+a-rather-long-name-of-a-deployment', 'robot$project+a-rather-long-name-of-a-deployment'],
  ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000'],
  ['AWS', 'AWS'],
  [undefined, 'a stored token'],
  [`ghp_${'a1'.repeat(18)}`, 'a token in place of a user name'],
  ['github_pat_11AAAA', 'a token in place of a user name'],
  ['glpat-abcdef', 'a token in place of a user name'],
  ['eyJhbGciOi.eyJ.x', 'a token in place of a user name'],
  ['0123456789abcdef0123456789abcdef01234567', 'a token in place of a user name'],
])('the login of %j is called %j', (username, expected) => {
  expect(loginName({ username })).toBe(expected);
});
