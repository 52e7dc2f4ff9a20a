import { expect, test } from '@jest/globals';
import { cacheRights, childEnvironment } from '../../../src/github/cache/environment.ts';

const V2 = { ACTIONS_CACHE_SERVICE_V2: 'True', ACTIONS_RESULTS_URL: 'https://results', ACTIONS_RUNTIME_TOKEN: 'token' };
const V1 = { ACTIONS_CACHE_URL: 'https://cache' };
const SERVER = (url: string) => ({ GITHUB_SERVER_URL: url });

test.each([
  ['nothing', {}, false, false],
  ['version 2', V2, true, true],
  ['version 2 on github.com', { ...V2, ...SERVER('https://github.com') }, true, true],
  ['version 2 on a tenant', { ...V2, ...SERVER('https://acme.ghe.com') }, true, true],
  ['version 2 without an address', { ...V2, ACTIONS_RESULTS_URL: '' }, false, false],
  ['version 2 without a token', { ...V2, ACTIONS_RUNTIME_TOKEN: undefined }, false, false],
  ['the address of version 1 under version 2', { ...V2, ...V1, ACTIONS_RESULTS_URL: '' }, false, false],
  ['version 1', V1, true, true],
  ['version 2 on an Enterprise Server', { ...V2, ...SERVER('https://git.acme.com') }, false, false],
  ['version 1 on an Enterprise Server', { ...V2, ...V1, ...SERVER('https://git.acme.com') }, true, true],
  ['a server that only ends like GitHub', { ...V2, ...SERVER('https://notgithub.com') }, false, false],
  ['a server that is no URL', { ...V2, ...SERVER('git.acme.com') }, false, false],
  ['cache-mode: none', { ...V2, ACTIONS_CACHE_MODE: 'none' }, false, false],
  ['cache-mode: read', { ...V2, ACTIONS_CACHE_MODE: 'read' }, true, false],
  ['cache-mode: write', { ...V2, ACTIONS_CACHE_MODE: ' Write ' }, true, true],
  ['cache-mode: write-only', { ...V2, ACTIONS_CACHE_MODE: 'write-only' }, false, true],
  ['a cache-mode nobody knows yet', { ...V2, ACTIONS_CACHE_MODE: 'append' }, true, true],
])('%s: read and write', (_, environment, readable, writable) => {
  expect(cacheRights(environment)).toEqual({ readable, writable });
});

test('the child gets what it needs, and nothing that is secret to others or would lead it astray', () => {
  const given = {
    ...V2,
    PATH: '/bin',
    RUNNER_TRACKING_ID: 'github_1',
    https_proxy: 'http://proxy',
    NO_PROXY: 'localhost',
    NODE_EXTRA_CA_CERTS: '/ca.pem',
    HOME: undefined,
    INPUT_PASSWORD: 'secret',
    GITHUB_TOKEN: 'secret',
    AWS_SECRET_ACCESS_KEY: 'secret',
    NODE_OPTIONS: '--require /evil.js',
    RUNNER_DEBUG: '1',
    RUNNER_TEMP: '/tmp',
    GITHUB_WORKSPACE: '/workspace',
    TAR_OPTIONS: '--checkpoint=1 --checkpoint-action=exec=evil',
    ZSTD_CLEVEL: '19',
    LC_ALL: 'de_DE.UTF-8',
    LANG: 'de_DE.UTF-8',
  };
  const { TAR_OPTIONS, ...own } = childEnvironment(given, '/staging/run');
  expect(own).toEqual({
    ...V2,
    PATH: '/bin',
    RUNNER_TRACKING_ID: 'github_1',
    https_proxy: 'http://proxy',
    NO_PROXY: 'localhost',
    NODE_EXTRA_CA_CERTS: '/ca.pem',
    LC_ALL: 'C',
    ZSTD_CLEVEL: '1',
    GITHUB_WORKSPACE: '/staging/run',
    RUNNER_TEMP: '/staging/run',
  });
  expect(TAR_OPTIONS).not.toContain('evil');
});
