import { describe, expect, test } from '@jest/globals';
import { parseReference } from '../../src/oci/reference.ts';
import { credentialFor, loginDomain } from '../../src/registry/credentials.ts';
import { type DockerConfig, parseDockerConfig } from '../../src/registry/docker-config.ts';
import type { Login } from '../../src/settings.ts';
import { vectors } from '../oci/vectors.ts';

const encode = (text: string) => Buffer.from(text).toString('base64');
const config = (auths: Record<string, unknown>, more = {}): DockerConfig =>
  parseDockerConfig(JSON.stringify({ auths, ...more }));

function find(domain: string, sources: { logins?: Login[]; dockerConfig?: DockerConfig; githubToken?: string }) {
  return credentialFor(domain, { logins: [], dockerConfig: undefined, githubToken: undefined, ...sources });
}

describe('a credential', () => {
  const dockerConfig = config({ 'ghcr.io': { auth: encode('file:secret') } });
  const login = { registry: 'ghcr.io', username: 'input', password: 'secret' };

  test('comes from the inputs, then from Docker’s file, then for ghcr.io from the job, else there is none', () => {
    expect(find('ghcr.io', { logins: [login], dockerConfig, githubToken: 't' })).toEqual({
      username: 'input',
      password: 'secret',
    });
    expect(find('ghcr.io', { dockerConfig, githubToken: 't' })).toEqual({ username: 'file', password: 'secret' });
    expect(find('ghcr.io', { githubToken: 't' })).toEqual({
      username: 'x-access-token',
      password: 't',
      optional: true,
    });
    expect(find('ghcr.io', { githubToken: '' })).toBeUndefined();
    expect(find('ghcr.io.evil.example', { logins: [login], dockerConfig, githubToken: 't' })).toBeUndefined();
    expect(find('docker.io', { logins: [login], dockerConfig, githubToken: 't' })).toBeUndefined();
  });

  test('without a password counts as none', () => {
    expect(find('ghcr.io', { logins: [{ ...login, password: '' }] })).toBeUndefined();
  });

  test('given twice for a registry is the last one', () => {
    expect(find('ghcr.io', { logins: [login, { ...login, username: 'later' }] })?.username).toBe('later');
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
  const entry = { auth: encode('u:p') };
  const known = { username: 'u', password: 'p' };

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
  ])('for %s under the key %s', (domain, key, expected) => {
    expect(find(domain, { dockerConfig: config({ [key]: entry }) })).toEqual(expected);
  });

  test('prefers the very key to an older spelling', () => {
    const dockerConfig = config({ 'https://gcr.io': { auth: encode('old:p') }, 'gcr.io': entry });
    expect(find('gcr.io', { dockerConfig })).toEqual(known);
  });

  test.each<[object, unknown]>([
    [{ auth: encode('u:p:q') }, { username: 'u', password: 'p:q' }],
    [{ auth: encode('u:p\0\0') }, known],
    [{ auth: encode('usér:pässwörd') }, { username: 'usér', password: 'pässwörd' }],
    [{ auth: `${encode('u:p')}\n` }, known],
    [{ auth: encode('u:p'), username: 'x', password: 'y' }, known],
    [{ username: 'u', password: 'p' }, known],
    [{ username: 'u' }, undefined],
    [{}, undefined],
    [{ identitytoken: 'x' }, undefined],
    [{ auth: encode('00000000-0000-0000-0000-000000000000:'), identitytoken: 'x' }, undefined],
    [{ registrytoken: 'x' }, undefined],
  ])('with the entry %j', (given, expected) => {
    expect(find('r.example', { dockerConfig: config({ 'r.example': given }) })).toEqual(expected);
  });

  test.each(['!!', encode(':p'), encode('nocolon'), 'dTpw='])(
    'with the entry %j that cannot be decoded is an error, for its registry alone',
    (auth) => {
      const dockerConfig = config({ 'r.example': { auth }, 'other.example': entry });
      expect(() => find('r.example', { dockerConfig })).toThrow(
        expect.objectContaining({ code: 'INPUT_INVALID', subject: 'r.example' }),
      );
      expect(find('other.example', { dockerConfig })).toEqual(known);
    },
  );

  test('with a store or a helper for the registry gives nothing of its own', () => {
    expect(find('gcr.io', { dockerConfig: config({ 'gcr.io': entry }, { credsStore: 'desktop' }) })).toBeUndefined();
    const helped = config({ 'gcr.io': entry, 'r.example': entry }, { credHelpers: { 'gcr.io': 'gcloud' } });
    expect(find('gcr.io', { dockerConfig: helped })).toBeUndefined();
    expect(find('r.example', { dockerConfig: helped })).toEqual(known);
  });
});

interface Case {
  readonly kind: string;
  readonly id: string;
  readonly config: string;
  readonly image: string;
  readonly expected:
    | { username?: string; password?: string; error?: string; identitytoken?: string; registrytoken?: string }
    | 'anonymous';
}

// Where we part from docker/cli on purpose: JSON keys in another case, text after the JSON, and a bad entry for a registry nobody asked for.
const OURS = /^file (key in other case|trailing garbage|one bad entry)/;

describe('what docker/cli finds', () => {
  const plain = vectors<Case>('dockerconfig.json').filter(
    ({ kind, id, config: text, expected }) =>
      kind === 'lookup' && !/credsStore|credHelpers|token/.test(text + JSON.stringify(expected)) && !OURS.test(id),
  );
  for (const { id, config: text, image, expected } of plain) {
    test(`${image} in ${id}`, () => {
      const look = () => find(parseReference(image).domain, { dockerConfig: parseDockerConfig(text) });
      if (expected === 'anonymous') expect(look()).toBeUndefined();
      else if (expected.error !== undefined) expect(look).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
      else expect(look()).toEqual(expected);
    });
  }
});
