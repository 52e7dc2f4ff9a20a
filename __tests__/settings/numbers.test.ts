import { describe, expect, test } from '@jest/globals';
import { searchCommand } from '../../src/cli/search.ts';
import { serveCommand } from '../../src/cli/serve.ts';
import { storeSweep } from '../../src/cli/store.ts';
import { parsePushSettings } from '../../src/settings/push.ts';
import { parseAccess, parseSettings } from '../../src/settings.ts';

const silent = () => {};
const { signal } = new AbortController();
const noInput = process.stdin;

const read = (name: string) => async (value: string) => {
  parsePushSettings({ images: 'redis', to: 'r.example/x', [name]: value });
};
const SEARCH = { filter: [], format: 'json', trunc: false } as const;
const SERVE = { host: '127.0.0.1', mirror: [], insecureRegistry: [] } as const;

/** Every number that a user can write, and the words about one that is none of its own. */
const NUMBERS: readonly [string, (value: string) => Promise<unknown>, string][] = [
  ['max-tags', read('max-tags'), 'max-tags: expected a whole number from 1 to 100000'],
  [
    'max-concurrent-downloads',
    read('max-concurrent-downloads'),
    'max-concurrent-downloads: expected a whole number from 1 to 256',
  ],
  [
    'max-concurrent-downloads of who asks for no image',
    async (value) => parseAccess({ 'max-concurrent-downloads': value }),
    'max-concurrent-downloads: expected a whole number from 1 to 256',
  ],
  [
    'max-concurrent-uploads',
    read('max-concurrent-uploads'),
    'max-concurrent-uploads: expected a whole number from 1 to 256',
  ],
  ['chunk-size', read('chunk-size'), 'chunk-size: expected a size of 64kB or more, such as 500MB or 2GB'],
  [
    'search --limit',
    (limit) => searchCommand('redis', { ...SEARCH, limit }, signal, silent, silent),
    '--limit: expected a whole number from 1 to 100',
  ],
];

/** Those of which nothing is a number like others. */
const WITH_ZERO: readonly [string, (value: string) => Promise<unknown>, string][] = [
  ['store-max-size', read('store-max-size'), 'store-max-size: expected a size such as 500MB or 2GB'],
  ['cache-max-save', read('cache-max-save'), 'cache-max-save: expected a size such as 500MB or 2GB'],
  [
    'store sweep --max-size',
    (maxSize) => storeSweep({ maxSize }, silent),
    '--max-size: expected a size such as 500MB or 20GB',
  ],
  [
    'serve --port',
    (port) => serveCommand({ ...SERVE, port }, signal, silent, noInput),
    '--port: expected a port from 0 to 65535',
  ],
];

describe.each([...NUMBERS, ...WITH_ZERO])('%s', (_, take, words) => {
  test.each(['-1', '-0', 'NaN', '1e999', '0x10', 'many'])('%j is refused', async (value) => {
    await expect(take(value)).rejects.toThrow(`${words}, found "${value}"`);
  });
});

test.each(NUMBERS)('%s cannot be zero', async (_, take, words) => {
  for (const zero of ['0', '00']) await expect(take(zero)).rejects.toThrow(`${words}, found "${zero}"`);
});

test('a size of which less than a byte is left is zero', () => {
  expect(() => parsePushSettings({ images: 'redis', to: 'r.example/x', 'chunk-size': '0.4B' })).toThrow(
    'chunk-size: expected a size of 64kB or more',
  );
});

test('where nothing is to be kept, zero says so', () => {
  const none = { images: 'redis', 'store-max-size': '0', 'cache-max-save': '0MB' };
  expect(parseSettings(none)).toMatchObject({ storeMaxSize: 0, cacheMaxSave: 0 });
});
