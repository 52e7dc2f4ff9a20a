import { describe, expect, test } from '@jest/globals';
import type { Zone } from '../../../src/registry/addresses.ts';
import { createInsecure } from '../../../src/registry/insecure.ts';
import { createLookups, INSIDE, type Lookups, UNLISTED } from '../../../src/registry/transport/lookups.ts';
import { namesOf } from '../../support/names.ts';

const NAMES = namesOf({
  'public.example': ['93.184.216.34', '2606:2800::1'],
  'mixed.example': ['93.184.216.34', '10.0.0.1'],
  'corp.example': ['10.0.0.1', 'fd00::1'],
  'meta.example': ['169.254.169.254'],
});

const open = (...listed: readonly string[]) => createLookups(createInsecure(listed, NAMES).listsAddress, NAMES);

function look(
  lookups: Lookups,
  hostname: string,
  within?: Zone,
  listedOnly = false,
): Promise<string | readonly string[]> {
  return new Promise((resolve) =>
    lookups.within(within, listedOnly)(hostname, { all: true }, (error, found) => {
      if (error) resolve(error.code ?? error.message);
      else resolve(typeof found === 'string' ? found : found.map(({ address }) => address));
    }),
  );
}

describe('a name is looked up as', () => {
  test.each<[string, Zone | undefined, string | readonly string[]]>([
    ['public.example', undefined, ['93.184.216.34', '2606:2800::1']],
    ['public.example', 'public', ['93.184.216.34', '2606:2800::1']],
    ['corp.example', undefined, ['10.0.0.1', 'fd00::1']],
    ['corp.example', 'private', ['10.0.0.1', 'fd00::1']],
    ['corp.example', 'public', INSIDE],
    ['mixed.example', 'public', ['93.184.216.34']],
    ['meta.example', 'private', INSIDE],
    ['meta.example', 'loopback', INSIDE],
    ['here.test', 'private', INSIDE],
    ['here.test', 'loopback', ['127.0.0.1']],
    ['nobody.example', 'public', 'ENOTFOUND'],
  ])('%s within %s: %j', async (hostname, within, expected) => {
    expect(await look(open(), hostname, within)).toEqual(expected);
  });

  test('what the user lists, wherever that is', async () => {
    expect(await look(open('10.0.0.0/8'), 'corp.example', 'public')).toEqual(['10.0.0.1']);
  });

  test('nothing but what the user lists, where that is why the host may do without a certificate', async () => {
    expect(await look(open('10.0.0.0/8'), 'mixed.example', undefined, true)).toEqual(['10.0.0.1']);
    expect(await look(open('10.0.0.0/8'), 'public.example', undefined, true)).toBe(UNLISTED);
  });

  test('one address where one is asked for', async () => {
    const found = await new Promise((resolve) =>
      open().within('public')('mixed.example', {}, (_, ...answer) => resolve(answer)),
    );
    expect(found).toEqual(['93.184.216.34', 4]);
  });
});

describe('a host lies', () => {
  test('where its literal says, looked up or not', () => {
    expect(['10.0.0.1', '[::1]', '8.8.8.8', 'localhost'].map(open().zoneOf)).toEqual([
      'private',
      'loopback',
      'public',
      'loopback',
    ]);
  });

  test('where it was looked up, and on the internet before', async () => {
    const lookups = open();
    expect(lookups.zoneOf('corp.example')).toBe('public');
    await look(lookups, 'corp.example');
    expect(lookups.zoneOf('corp.example')).toBe('private');
  });

  test('outside if any of its addresses does', async () => {
    const lookups = open();
    await look(lookups, 'mixed.example');
    expect(lookups.zoneOf('mixed.example')).toBe('public');
  });

  test('outside if it ever did: a name server cannot move it inside later', async () => {
    let addresses = ['93.184.216.34'];
    const lookups = createLookups(() => false, ((name: string, options: never, callback: never) =>
      namesOf({ 'evil.example': addresses })(name, options, callback)) as typeof NAMES);
    await look(lookups, 'evil.example');
    addresses = ['127.0.0.1'];
    await look(lookups, 'evil.example');
    expect(lookups.zoneOf('evil.example')).toBe('public');
  });
});
