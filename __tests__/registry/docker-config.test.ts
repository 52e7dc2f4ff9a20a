import { describe, expect, test } from '@jest/globals';
import { decodeAuth, parseAuthVariable, parseDockerConfig } from '../../src/registry/docker-config.ts';

const TEXT = '{"auths":{"r.example":{"auth":"dTpw"}},"credHelpers":{"gcr.io":"gcloud"},"currentContext":"x"}';
const encode = (text: string) => Buffer.from(text).toString('base64');

describe('Docker’s file', () => {
  test('is narrowed to what is used', () => {
    const { auths, credHelpers, credsStore } = parseDockerConfig(TEXT);
    expect(auths).toEqual({ 'r.example': { auth: 'dTpw' } });
    expect(credHelpers).toEqual({ 'gcr.io': 'gcloud' });
    expect(credsStore).toBeUndefined();
  });

  test.each(['', ' \n', '{}', '{"auths":{}}'])('may be empty: %j', (text) => {
    expect(Object.keys(parseDockerConfig(text).auths)).toEqual([]);
  });

  test.each([
    '{',
    '[]',
    '"x"',
    '{"auths":[]}',
    '{"auths":{"r":"x"}}',
    '{"auths":{"r":{"auth":1}}}',
    '{"auths":{"r":{"identitytoken":{}}}}',
    '{"credsStore":1}',
  ])('is refused where docker/cli refuses it: %s', (text) => {
    expect(() => parseDockerConfig(text)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });

  test('that is no JSON is not repeated in the error', () => {
    expect(() => parseDockerConfig('{"auth": hunter22')).toThrow('config.json: it is not JSON');
  });
});

describe('DOCKER_AUTH_CONFIG', () => {
  test('holds auths and nothing else', () => {
    expect(parseAuthVariable('{"auths":{"r":{"auth":"dTpw"}}}').auths).toEqual({ r: { auth: 'dTpw' } });
  });

  test.each([
    '{"auths":{"r":{"auth":"dTpw"}},"credsStore":"x"}',
    '{"auths":{"r":{"auth":"dTpw","email":""}}}',
    '{"auths":{"r":{"username":"u","password":"p"}}}',
    '{"auths":{"r":{"auth":"!!"}}}',
    '{"auths":{}} {"auths":{}}',
    '{',
  ])('is refused whole where docker/cli refuses it: %s', (text) => {
    expect(() => parseAuthVariable(text)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });
});

describe('an entry', () => {
  test.each<[object, unknown]>([
    [{ auth: encode('u:p:q') }, { username: 'u', password: 'p:q' }],
    [{ auth: encode('u:p\0\0') }, { username: 'u', password: 'p' }],
    [{ auth: encode('usér:pässwörd') }, { username: 'usér', password: 'pässwörd' }],
    [{ auth: `${encode('u:p')}\n` }, { username: 'u', password: 'p' }],
    [
      { auth: encode('u:p'), username: 'x', password: 'y' },
      { username: 'u', password: 'p' },
    ],
    [
      { username: 'u', password: 'p' },
      { username: 'u', password: 'p' },
    ],
    [{ identitytoken: 'x' }, { identityToken: 'x' }],
    [
      { auth: encode('0-0:'), identitytoken: 'x' },
      { username: '0-0', identityToken: 'x' },
    ],
    [{ registrytoken: 'x' }, { registryToken: 'x' }],
    [{ auth: encode('u:') }, undefined],
    [{ username: 'u' }, undefined],
    [{}, undefined],
  ])('%j says %j', (entry, expected) => {
    expect(decodeAuth(entry)).toEqual(expected);
  });

  test.each(['!!', encode(':p'), encode('nocolon'), 'dTpw=', 'bad-auth-bad'])(
    'with the auth %j cannot be decoded',
    (auth) => {
      expect(() => decodeAuth({ auth }, 'f')).toThrow(expect.objectContaining({ code: 'INPUT_INVALID', subject: 'f' }));
    },
  );
});
