import { describe, expect, test } from '@jest/globals';
import { PullError } from '../../src/errors.ts';
import {
  formatPlatform,
  hostPlatform,
  normalizePlatform,
  type Platform,
  parsePlatform,
} from '../../src/oci/platform.ts';
import { fromJson, type PlatformJson } from './platform-json.ts';
import { group, seeded, thrownBy, vectors } from './vectors.ts';

const HOST: Platform = { os: 'linux', architecture: 'amd64' };

test.each([
  ['linux/amd64', { os: 'linux', architecture: 'amd64' }],
  ['linux/x86_64', { os: 'linux', architecture: 'amd64' }],
  ['linux/amd64/v1', { os: 'linux', architecture: 'amd64' }],
  ['linux/amd64/v3', { os: 'linux', architecture: 'amd64', variant: 'v3' }],
  ['linux/arm64', { os: 'linux', architecture: 'arm64' }],
  ['linux/arm64/v8', { os: 'linux', architecture: 'arm64', variant: 'v8' }],
  ['linux/arm64/v8.1', { os: 'linux', architecture: 'arm64', variant: 'v8.1' }],
  ['linux/arm64/9', { os: 'linux', architecture: 'arm64', variant: 'v9' }],
  ['linux/arm', { os: 'linux', architecture: 'arm' }],
  ['linux/arm/7', { os: 'linux', architecture: 'arm', variant: 'v7' }],
  ['linux/armel', { os: 'linux', architecture: 'arm', variant: 'v6' }],
  ['LINUX/I386', { os: 'linux', architecture: '386' }],
  ['macos/arm64', { os: 'darwin', architecture: 'arm64' }],
  ['arm64', { os: 'linux', architecture: 'arm64' }],
  ['armhf', { os: 'linux', architecture: 'arm' }],
  ['linux', { os: 'linux', architecture: 'amd64' }],
  ['windows()', { os: 'windows', architecture: 'amd64' }],
  ['windows(10.0.20348)/amd64', { os: 'windows', architecture: 'amd64', osVersion: '10.0.20348' }],
  ['linux(+b+a)/amd64', { os: 'linux', architecture: 'amd64', osFeatures: ['b', 'a'] }],
  ['linux(5%2B1+a%25)/amd64', { os: 'linux', architecture: 'amd64', osVersion: '5+1', osFeatures: ['a%'] }],
])('%s', (text, expected) => {
  expect(parsePlatform(text, HOST)).toStrictEqual(expected);
});

test.each([
  ['', 'expected os[/architecture[/variant]]'],
  ['linux/*', 'wildcards are not supported'],
  ['linux/arm/v7/x', 'expected os[/architecture[/variant]]'],
  ['linux//v7', 'expected os[/architecture[/variant]]'],
  ['linux/', 'expected os[/architecture[/variant]]'],
  [' linux/amd64', 'expected os[/architecture[/variant]]'],
  ['linux/amd64,linux/arm64', 'expected os[/architecture[/variant]]'],
  ['all', 'unknown operating system or architecture'],
  ['amd64()', 'unknown operating system or architecture'],
  ['linux(+)/amd64', 'expected os[/architecture[/variant]]'],
  ['linux(%zz)/amd64', 'invalid OS version or feature %zz'],
  ['linux(+%0a)/amd64', 'invalid OS version or feature %0a'],
])('%j is refused', (text, reason) => {
  const error = thrownBy(() => parsePlatform(text, HOST));
  expect(error).toBeInstanceOf(PullError);
  expect(error).toMatchObject({ code: 'PLATFORM_INVALID', subject: text === '' ? '""' : text.trim(), reason });
});

test('what the text leaves out is taken from the host', () => {
  const host: Platform = { os: 'freebsd', architecture: 'arm', variant: 'v6' };
  expect(['linux', 'arm64', 'arm', 'windows(1.2.3)'].map((text) => formatPlatform(parsePlatform(text, host)))).toEqual([
    'linux/arm/v6',
    'freebsd/arm64',
    'freebsd/arm',
    'windows(1.2.3)/arm/v6',
  ]);
  expect(parsePlatform('linux', { os: 'linux', architecture: 'arm64', variant: 'v8' })).toStrictEqual({
    os: 'linux',
    architecture: 'arm64',
  });
});

test.each([
  ['linux', 'x64', 'linux/amd64'],
  ['darwin', 'arm64', 'linux/arm64'],
  ['win32', 'x64', 'windows/amd64'],
  ['linux', 'ia32', 'linux/386'],
  ['linux', 's390x', 'linux/s390x'],
  ['linux', 'ppc64', 'linux/ppc64le'],
])('containers on %s %s are %s', (os, architecture, expected) => {
  expect(formatPlatform(hostPlatform(os, architecture))).toBe(expected);
});

test('one spelling for one platform', () => {
  const spellings: readonly Platform[] = [
    { os: 'Linux', architecture: 'AARCH64', variant: 'V8' },
    { os: 'linux', architecture: 'arm64', variant: '' },
    { os: 'linux', architecture: 'arm' },
    { os: 'linux', architecture: 'amd64', variant: 'v1', osFeatures: ['b', 'a', 'b'], osVersion: '' },
  ];
  expect(spellings.map(normalizePlatform)).toStrictEqual([
    { os: 'linux', architecture: 'arm64' },
    { os: 'linux', architecture: 'arm64' },
    { os: 'linux', architecture: 'arm', variant: 'v7' },
    { os: 'linux', architecture: 'amd64', osFeatures: ['a', 'b'] },
  ]);
});

test('a platform without an OS is printed as unknown', () => {
  expect(formatPlatform({ os: '', architecture: 'amd64' })).toBe('unknown');
});

test('what is printed is read back, and what is normalized stays as it is', () => {
  const random = seeded(2);
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? '';
  for (let round = 0; round < 2000; round += 1) {
    const given: Platform = {
      os: pick(['linux', 'windows', 'macos', 'Plan9']),
      architecture: pick(['amd64', 'x86-64', 'arm', 'arm64', 'riscv64', 'armel', '386', 'i386']),
      variant: pick(['', 'v1', 'v5', '6', 'v7', '8', 'v9.1', 'foo']),
      osVersion: pick(['', '10.0.20348', '1+2', '(%)/']),
      osFeatures: [pick(['win32k', 'a', 'z/+']), pick(['a', 'b'])],
    };
    const normal = normalizePlatform(given);
    expect(normalizePlatform(normal)).toStrictEqual(normal);
    expect(normalizePlatform(parsePlatform(formatPlatform(normal), HOST))).toStrictEqual(normal);
  }
});

test('no text makes the parser throw anything but a PullError', () => {
  const random = seeded(3);
  const letters = 'linux/arm64v8()+%2B0.*-_,é '.split('');
  for (let round = 0; round < 5000; round += 1) {
    const length = Math.floor(random() * 12);
    const text = Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('');
    const error = thrownBy(() => parsePlatform(text, HOST));
    if (error !== undefined) expect(error).toBeInstanceOf(PullError);
  }
});

interface Case {
  readonly kind: string;
  readonly input: string & PlatformJson;
  readonly host?: PlatformJson;
  readonly expected: {
    readonly error?: string;
    readonly platform: PlatformJson;
    readonly format: string;
    readonly formatAll: string;
  } & PlatformJson;
}

describe('the answers of containerd/platforms', () => {
  const of = group(vectors<Case>('platforms.json'), ({ kind }) => kind);

  test('parse and format', () => {
    const differing = of('parse').filter(({ input, host, expected }) => {
      const error = thrownBy(() => parsePlatform(input, HOST));
      if (expected.error !== undefined || error !== undefined)
        return expected.error === undefined || error === undefined;
      const platform = parsePlatform(input, host === undefined ? HOST : fromJson(host));
      const short = formatPlatform({ ...platform, osVersion: undefined, osFeatures: undefined });
      expect(platform).toStrictEqual(fromJson(expected.platform));
      return short !== expected.format || formatPlatform(platform) !== expected.formatAll;
    });
    expect(differing).toEqual([]);
  });

  test('format of what was not parsed', () => {
    for (const { input, expected } of of('format')) expect(formatPlatform(fromJson(input))).toBe(expected.formatAll);
  });

  test('normalize', () => {
    for (const { input, expected } of of('normalize')) {
      expect(normalizePlatform(fromJson(input))).toStrictEqual(fromJson(expected));
    }
  });
});
