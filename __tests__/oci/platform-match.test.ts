import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { formatPlatform, type Platform, parsePlatform } from '../../src/oci/platform.ts';
import {
  choosePlatform,
  isAttestation,
  matchesOnly,
  matchesStrict,
  platformVector,
  rankPlatforms,
} from '../../src/oci/platform-match.ts';
import { fromJson, type PlatformJson } from './platform-json.ts';
import { group, vectors } from './vectors.ts';

const HOST: Platform = { os: 'linux', architecture: 'amd64' };
const parse = (text: string): Platform => parsePlatform(text, HOST);
/** The form in which the vectors write both what is asked for and what is there. */
const choose = (candidates: readonly string[], wanted: string, strict: boolean): string | undefined =>
  choosePlatform(candidates, parse, parse(wanted), { strict });
const rank = (candidates: readonly string[], wanted: string, strict: boolean): readonly string[] =>
  rankPlatforms(candidates, parse, parse(wanted), { strict });

test.each([
  ['linux/amd64', ['linux/amd64', 'linux/386']],
  ['linux/amd64/v3', ['linux/amd64/v3', 'linux/amd64/v2', 'linux/amd64', 'linux/386']],
  ['linux/386', ['linux/386']],
  ['linux/arm', ['linux/arm/v7', 'linux/arm/v6', 'linux/arm/v5']],
  ['linux/arm/v5', ['linux/arm/v5']],
  ['linux/arm/v4', ['linux/arm/v4']],
  ['linux/arm64', ['linux/arm64', 'linux/arm/v8', 'linux/arm/v7', 'linux/arm/v6', 'linux/arm/v5']],
  ['linux/ppc64le', ['linux/ppc64le']],
  ['linux/amd64/v99999999', ['linux/amd64/v99999999', 'linux/386']],
])('a %s machine runs, in this order, %j', (wanted, expected) => {
  expect(platformVector(parse(wanted)).map(formatPlatform)).toEqual(expected);
});

test('arm64/v9.x runs the v9 line, v8.(x+5) and down, and 32-bit ARM v8 and down', () => {
  const only64 = platformVector(parse('linux/arm64/v9.6')).filter(({ architecture }) => architecture === 'arm64');
  expect(only64.map(({ variant }) => variant)).toEqual(
    'v9.6 v9.5 v9.4 v9.3 v9.2 v9.1 v9 v8.9 v8.8 v8.7 v8.6 v8.5 v8.4 v8.3 v8.2 v8.1'
      .split(' ')
      .concat([undefined as never]),
  );
  const plain = platformVector(parse('linux/arm64/v9')).filter(({ architecture }) => architecture === 'arm');
  expect(plain.map(({ variant }) => variant)).toEqual(['v8', 'v7', 'v6', 'v5']);
});

test('an explicit platform never becomes one it merely runs', () => {
  const candidates = ['linux/arm/v7', 'linux/386'];
  expect(choose(candidates, 'linux/arm64', false)).toBe('linux/arm/v7');
  expect(choose(candidates, 'linux/arm64', true)).toBeUndefined();
  expect(choose(candidates, 'linux/amd64', false)).toBe('linux/386');
  expect(choose(candidates, 'linux/amd64', true)).toBeUndefined();
});

test('spelling does not matter', () => {
  expect(matchesStrict(parse('linux/arm64'), { os: 'Linux', architecture: 'aarch64', variant: '8' })).toBe(true);
  expect(matchesStrict(parse('linux/arm'), parse('linux/arm/v7'))).toBe(true);
  expect(matchesStrict(parse('linux/arm/v6'), parse('linux/arm'))).toBe(false);
});

test('of equals the first in the index is taken, unless another has more of the features asked for', () => {
  expect(choose(['linux/arm64/v8', 'linux/arm64'], 'linux/arm64', true)).toBe('linux/arm64/v8');
  expect(choose(['linux/amd64', 'linux(+a)/amd64'], 'linux(+a+b)/amd64', true)).toBe('linux(+a)/amd64');
  expect(choose(['linux(+c)/amd64'], 'linux(+a+b)/amd64', true)).toBeUndefined();
});

test('win32k is no feature anybody must ask for', () => {
  expect(choose(['windows(10.0.17763.1+win32k)/amd64'], 'windows(10.0.17763)/amd64', true)).toBeDefined();
});

test('without a version asked for, Windows images are taken in index order; with one, the newest that runs', () => {
  const index = ['windows(10.0.17763.1)/amd64', 'windows(10.0.20348.9)/amd64', 'windows(10.0.20348.10)/amd64'];
  expect(choose(index, 'windows/amd64', true)).toBe(index[0]);
  expect(choose(index, 'windows(10.0.26100)/amd64', true)).toBe(index[2]);
  expect(choose(index, 'windows(10.0.17763)/amd64', true)).toBe(index[0]);
});

test.each([
  [17763, 17763, true],
  [17763, 17762, false],
  [20348, 17763, false],
  [20348, 20348, true],
  [20348, 26100, false],
  [22621, 20348, true],
  [26100, 20348, true],
  [26200, 20348, true],
  [26200, 20347, false],
])('Windows build %i runs containers of build %i: %s', (host, container, expected) => {
  expect(matchesStrict(windows(`10.0.${host}`), windows(`10.0.${container}.5`))).toBe(expected);
});

test('a Windows version that cannot be read runs nowhere, and asks for nothing', () => {
  expect(matchesStrict(windows('10.0.20348'), windows('latest'))).toBe(false);
  expect(matchesStrict(windows('latest'), windows('10.0.20348'))).toBe(true);
  expect(matchesStrict(windows('11.0.20348'), windows('10.0.20348'))).toBe(false);
});

test('what has no platform is taken only when nothing else fits; unknown/unknown never', () => {
  const of = (candidates: ReadonlyArray<Platform | undefined>) =>
    choosePlatform([...candidates.entries()], ([, platform]) => platform, HOST, { strict: true })?.[0];
  const unknown: Platform = { os: 'unknown', architecture: 'unknown' };
  expect(of([undefined, unknown, HOST])).toBe(2);
  expect(of([unknown, parse('linux/arm64'), undefined, undefined])).toBe(2);
  expect(of([unknown, parse('linux/arm64')])).toBeUndefined();
  expect(choosePlatform([unknown], (one) => one, unknown, { strict: true })).toBeUndefined();
  expect(of([])).toBeUndefined();
});

test('an attestation is known by its platform or its annotation', () => {
  const blob = { mediaType: '', digest: digestOf(''), size: 0 };
  expect(isAttestation({ ...blob, platform: { os: 'unknown', architecture: 'unknown' } })).toBe(true);
  expect(isAttestation({ ...blob, annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } })).toBe(true);
  expect(isAttestation({ ...blob, platform: HOST, annotations: { 'vnd.docker.reference.type': 'x' } })).toBe(false);
  expect(isAttestation({ ...blob, platform: undefined })).toBe(false);
});

interface Case {
  readonly kind: string;
  readonly matcher: string;
  readonly input: string;
  readonly wanted: string;
  readonly candidate: string & PlatformJson;
  readonly candidates: readonly string[] & readonly PlatformJson[];
  readonly host: PlatformJson;
  readonly host_build: number;
  readonly container_build: number;
  readonly expected: boolean & readonly string[] & PlatformJson & Expected;
}

interface Expected {
  readonly matches?: ReadonlyArray<string & PlatformJson>;
  readonly chosen: string | null;
  readonly all_matching_in_order: readonly string[];
  readonly runs: boolean;
}

describe('the answers of containerd/platforms', () => {
  // OnlyOS is not offered here; Ordered and Any of one platform, and NewMatcher, are OnlyStrict by other names.
  const of = (kind: string, ...matchers: readonly string[]) =>
    group(
      vectors<Case>('platforms.json'),
      (one) => one.kind,
    )(kind).filter(({ matcher }) => matchers.length === 0 || matchers.includes(matcher));
  const fits = ({ matcher }: Case) => (matcher === 'Only' ? matchesOnly : matchesStrict);

  test('match', () => {
    const differing = of('match', 'Only', 'OnlyStrict').filter((one) => {
      return fits(one)(parse(one.wanted), parse(one.candidate)) !== one.expected;
    });
    expect(differing).toEqual([]);
  });

  test('order', () => {
    const differing = of('order', 'Only', 'OnlyStrict', 'Ordered', 'Any').filter((one) => {
      return rank(one.candidates, one.wanted, one.matcher !== 'Only').join() !== one.expected.join();
    });
    expect(differing).toEqual([]);
  });

  test('choose', () => {
    const differing = of('choose', 'Only', 'OnlyStrict').filter((one) => {
      const strict = one.matcher === 'OnlyStrict';
      const matching = rank(one.candidates, one.wanted, strict).filter((text) =>
        fits(one)(parse(one.wanted), parse(text)),
      );
      if (matching.join() !== one.expected.all_matching_in_order.join()) return true;
      return (choose(one.candidates, one.wanted, strict) ?? null) !== one.expected.chosen;
    });
    expect(differing).toEqual([]);
  });

  test('match matrix', () => {
    const cases = of('match matrix', 'Only', 'OnlyStrict', 'NewMatcher');
    const everything: readonly string[] = [...new Set(cases.flatMap(({ expected }) => expected.matches ?? []))];
    const differing = cases.filter((one) => {
      const matching = everything.filter((text) => fits(one)(parse(one.wanted), parse(text)));
      return matching.toSorted().join() !== one.expected.matches?.toSorted().join();
    });
    expect(differing).toEqual([]);
  });

  test('what a parsed platform matches', () => {
    const differing = of('parse').flatMap(({ input, expected }) => {
      const matches: readonly PlatformJson[] = expected.matches ?? [];
      return matches.filter((json) => !matchesStrict(parse(input), fromJson(json)));
    });
    expect(differing).toEqual([]);
  });

  test('windows', () => {
    for (const { host, candidate, expected } of of('windows match')) {
      expect(matchesStrict(fromJson(host), fromJson(candidate))).toBe(expected);
    }
    for (const { host_build, container_build, expected } of of('windows build')) {
      expect(matchesStrict(windows(`10.0.${host_build}`), windows(`10.0.${container_build}`))).toBe(expected.runs);
    }
    for (const { host, candidates, expected } of of('windows choose')) {
      const chosen = choosePlatform<PlatformJson>(candidates, fromJson, fromJson(host), { strict: true });
      expect(chosen).toEqual(expected);
    }
  });
});

function windows(osVersion: string): Platform {
  return { os: 'windows', architecture: 'amd64', osVersion };
}
