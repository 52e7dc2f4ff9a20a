import { expect, test } from '@jest/globals';
import { PullError } from '../../src/errors.ts';
import { parseConfig } from '../../src/oci/config.ts';
import { thrownBy } from './vectors.ts';

const DIFF_ID = `sha256:${'cd'.repeat(32)}`;
const parse = (json: unknown) => parseConfig(Buffer.from(JSON.stringify(json)), 'config');

test('platform, in its one spelling, and the unpacked layers', () => {
  const rootfs = { type: 'layers', diff_ids: [DIFF_ID] };
  expect(parse({ os: 'linux', architecture: 'aarch64', variant: 'v8', rootfs, config: { Env: [] } })).toStrictEqual({
    platform: { os: 'linux', architecture: 'arm64' },
    diffIds: [DIFF_ID],
  });
  expect(
    parse({ os: 'windows', architecture: 'amd64', 'os.version': '10.0.1', 'os.features': ['win32k'] }),
  ).toMatchObject({
    platform: { os: 'windows', architecture: 'amd64', osVersion: '10.0.1', osFeatures: ['win32k'] },
  });
});

test.each([
  [{}],
  [{ os: 'linux' }],
  [{ os: '', architecture: '' }],
  [{ os: 5, architecture: 'amd64' }],
  [{ os: 'linux', architecture: 'a b' }],
  [{ os: null, architecture: null, rootfs: null }],
  [{ rootfs: { diff_ids: null } }],
  [{ rootfs: { diff_ids: [1] } }],
  [{ rootfs: { diff_ids: 'x' } }],
])('%j names neither a platform nor layers', (json) => {
  expect(parse(json)).toStrictEqual({ platform: undefined, diffIds: [] });
});

test.each(['', '[]', 'true', 'null', 'x', '{"os":'])('%j is no config', (text) => {
  const error = thrownBy(() => parseConfig(Buffer.from(text), 'redis:7'));
  expect(error).toBeInstanceOf(PullError);
  expect(error).toMatchObject({ code: 'MANIFEST_INVALID', subject: 'redis:7' });
});
