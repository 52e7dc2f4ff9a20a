import { describe, expect, test } from '@jest/globals';
import { PullError } from '../src/errors.ts';
import { parseSettings, type RawSettings } from '../src/settings.ts';

const refusal = (raw: RawSettings): PullError => {
  try {
    parseSettings(raw);
  } catch (error) {
    if (error instanceof PullError) return error;
    throw error;
  }
  throw new Error('the settings were accepted');
};

const images = (raw: RawSettings) => parseSettings(raw).request.images;

describe('images', () => {
  test.each([
    ['lines', 'redis:7\nnginx\n', ['redis:7', 'nginx']],
    ['commas', 'redis:7, nginx', ['redis:7', 'nginx']],
    ['lines that Windows ended', '# databases\r\nredis:7 # cache\r\nnginx\r\n', ['redis:7', 'nginx']],
    ['comments and blanks', '# databases\nredis:7 # cache\n\n  nginx  \n', ['redis:7', 'nginx']],
    ['Windows line ends', 'redis:7\r\nnginx\r\n', ['redis:7', 'nginx']],
    ['repetitions count once', 'redis:7\nredis:7,redis:7', ['redis:7']],
  ])('are read from %s', (_, text, keys) => {
    expect(images({ images: text }).map(({ key }) => key)).toEqual(keys);
  });

  test('that mean the same but are written differently stay apart', () => {
    expect(images({ images: 'redis\ndocker.io/library/redis:latest' })).toHaveLength(2);
  });

  test('a bad reference beside good ones fails alone', () => {
    const [good, bad] = images({ images: 'redis:7\nRedis:7' });
    expect(good).toMatchObject({ reference: { domain: 'docker.io', path: 'library/redis', tag: '7' } });
    expect(bad).toMatchObject({ key: 'Redis:7', error: { code: 'REFERENCE_INVALID' } });
    expect(bad && 'error' in bad && bad.error.message).toContain('must be lowercase');
  });

  test('a tag under all-tags fails alone, and says what to write', () => {
    const [, bad] = images({ images: 'nginx\nlocalhost:5000/redis:7', 'all-tags': 'true' });
    expect(bad && 'error' in bad && bad.error.message).toBe(
      'localhost:5000/redis:7: all-tags takes a repository, found a tag; write localhost:5000/redis',
    );
  });

  test('none at all is refused', () => {
    expect(refusal({ images: ' \n# nothing' }).message).toBe(
      'inputs: images: is empty; write one image reference a line, such as redis:7',
    );
  });

  test('only bad ones are refused together', () => {
    const { message } = refusal({ images: 'Redis:7\nscratch' });
    expect(message).toContain('2 mistakes');
    expect(message).toContain('- images: Redis:7:');
    expect(message).toContain("- images: scratch: 'scratch' is a reserved name");
  });
});

test('every mistake is in the one error', () => {
  const error = refusal({
    images: 'Redis:7\nnginx',
    platforms: 'linux/amd64/v1/x',
    'all-tags': 'maybe',
    tags: '7.*',
    'max-tags': '0',
    'pull-policy': 'sometimes',
    engine: 'rkt',
    password: 'secret-password',
    'max-concurrent-downloads': 'eight',
    quiet: 'yes',
    summary: 'no',
  });
  expect(error.code).toBe('INPUT_INVALID');
  expect(error.hint).toBe('Nothing was pulled.');
  for (const line of [
    '11 mistakes',
    '- images: Redis:7: ',
    '- platforms: ',
    '- all-tags: expected true or false, found "maybe"',
    '- tags: narrows all-tags, which is off; add all-tags: true',
    '- max-tags: expected a whole number from 1 to 100000, found "0"',
    '- pull-policy: expected one of always, missing, never, found "sometimes"',
    '- engine: expected one of auto, docker, podman, containerd, none, found "rkt"',
    '- username: is empty, but password is set; give both, or neither',
    '- max-concurrent-downloads: expected a whole number from 1 to 256, found "eight"',
    '- quiet: expected true or false, found "yes"',
    '- summary: expected true or false, found "no"',
  ]) {
    expect(error.message).toContain(line);
  }
  expect(error.message).not.toContain('secret-password');
});

test('defaults are those of action.yml', () => {
  expect(parseSettings({ images: 'redis' })).toEqual({
    request: {
      images: [{ key: 'redis', reference: { domain: 'docker.io', path: 'library/redis' } }],
      platforms: 'engine',
      allTags: false,
      tags: [],
      maxTags: 50,
      policy: 'always',
      onRegistryError: 'use-cache',
      concurrency: 8,
    },
    engine: 'auto',
    store: undefined,
    storeMaxSize: 20_000_000_000,
    cache: 'auto',
    cacheMaxSave: 2_000_000_000,
    logins: [],
    githubToken: undefined,
    mirrors: [],
    insecureRegistries: [],
    quiet: false,
    summary: true,
    notices: [],
  });
});

describe('platforms', () => {
  const platforms = (text: string) => parseSettings({ images: 'redis', platforms: text }).request.platforms;

  test('are parsed in order', () => {
    expect(platforms('linux/amd64,linux/arm64/v8')).toMatchObject([
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ]);
  });

  test('all stands alone', () => {
    expect(platforms('all')).toBe('all');
    expect(refusal({ images: 'redis', platforms: 'all,linux/amd64' }).message).toContain('platforms: all stands alone');
  });
});

describe('tags', () => {
  const tags = (text: string) => parseSettings({ images: 'redis', 'all-tags': 'true', tags: text }).request.tags;

  test('are patterns, one a line; a comma belongs to the pattern', () => {
    expect(tags('7.*\n{6,8}-alpine\n!*-rc*\n>=7 <8\n/^7/')).toEqual([
      '7.*',
      '{6,8}-alpine',
      '!*-rc*',
      '>=7 <8',
      '/^7/',
    ]);
  });
});

describe('the login', () => {
  const settings = (raw: RawSettings) => parseSettings({ images: 'redis', ...raw });

  test('is for Docker Hub unless a registry is named', () => {
    const login = { username: 'me', password: 'secret' };
    expect(settings(login).logins).toEqual([{ registry: 'docker.io', ...login }]);
    expect(settings({ registry: 'ghcr.io', ...login }).logins).toEqual([{ registry: 'ghcr.io', ...login }]);
  });

  test.each<RawSettings>([
    { username: 'me' },
    { registry: 'ghcr.io' },
    { registry: 'ghcr.io', username: 'me', password: '' },
  ])('without a password is anonymous, with a notice: %j', (raw) => {
    const { logins, notices } = settings(raw);
    expect(logins).toEqual([]);
    expect(notices).toEqual([expect.stringContaining(`No password for ${raw.registry ?? 'docker.io'}`)]);
  });
});

test('all-tags cannot go without the registry', () => {
  expect(refusal({ images: 'redis', 'all-tags': 'true', 'pull-policy': 'never' }).message).toContain(
    'which pull-policy: never forbids',
  );
});

describe('sizes', () => {
  test.each([
    ['500MB', 500_000_000],
    ['2 GB', 2_000_000_000],
    ['1.5GiB', 1_610_612_736],
    ['0', 0],
    ['12345', 12_345],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSettings({ images: 'redis', 'cache-max-save': text }).cacheMaxSave).toBe(bytes);
    expect(parseSettings({ images: 'redis', 'store-max-size': text }).storeMaxSize).toBe(bytes);
  });

  test.each(['many', '-1', '2 XB', '1,5GB'])('%s is refused', (text) => {
    expect(refusal({ images: 'redis', 'store-max-size': text }).message).toContain(
      `store-max-size: expected a size such as 500MB or 2GB, found "${text}"`,
    );
  });
});

test.each([
  [{ cache: 'sometimes' }, 'cache: expected one of auto, true, read-only, false, found "sometimes"'],
  [{ 'on-registry-error': 'ignore' }, 'on-registry-error: expected one of use-cache, fail, found "ignore"'],
])('%j is refused', (raw, words) => {
  expect(refusal({ images: 'redis', ...raw }).message).toContain(words);
});
