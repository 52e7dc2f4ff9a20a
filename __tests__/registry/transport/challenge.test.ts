import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { type Challenge, parseChallenges, usableChallenges } from '../../../src/registry/transport/challenge.ts';
import { vectors } from '../../oci/vectors.ts';

const HUB =
  'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull,push"';
const hub = {
  scheme: 'bearer',
  params: {
    realm: 'https://auth.docker.io/token',
    service: 'registry.docker.io',
    scope: 'repository:library/nginx:pull,push',
  },
};

/** Parameters without the missing prototype, so that they compare. */
function parse(...headers: string[]): Challenge[] {
  return parseChallenges(headers).map(({ scheme, params }) => ({ scheme, params: { ...params } }));
}

describe('challenges', () => {
  test.each<[string, Challenge[]]>([
    [HUB, [hub]],
    ['BASIC  ReAlM="Sonatype Nexus"', [{ scheme: 'basic', params: { realm: 'Sonatype Nexus' } }]],
    ['Basic realm=plain', [{ scheme: 'basic', params: { realm: 'plain' } }]],
    ['Bearer realm = "a" ,\n\terror="b"', [{ scheme: 'bearer', params: { realm: 'a', error: 'b' } }]],
    ['Bearer realm="a\\"b\\\\c, d=e"', [{ scheme: 'bearer', params: { realm: 'a"b\\c, d=e' } }]],
    ['Bearer realm="a",realm="b"', [{ scheme: 'bearer', params: { realm: 'b' } }]],
    ['Bearer realm=""', [{ scheme: 'bearer', params: { realm: '' } }]],
    [
      'Negotiate, Bearer realm="r",service="s",Basic realm="b"',
      [
        { scheme: 'negotiate', params: {} },
        { scheme: 'bearer', params: { realm: 'r', service: 's' } },
        { scheme: 'basic', params: { realm: 'b' } },
      ],
    ],
    [
      'NTLM TlRMTVNTUAACAAAA==, Basic',
      [
        { scheme: 'ntlm', params: {} },
        { scheme: 'basic', params: {} },
      ],
    ],
    ['Bearer realm="a",scope="open', [{ scheme: 'bearer', params: { realm: 'a' } }]],
    ['Bearer __proto__="x"', [{ scheme: 'bearer', params: Object.fromEntries([['__proto__', 'x']]) }]],
    ['"Basic" realm="x"', []],
    ['', []],
  ])('of %s', (header, expected) => {
    expect(parse(header)).toEqual(expected);
  });

  test('of several headers stand in order', () => {
    expect(parse('Negotiate', HUB)).toEqual([{ scheme: 'negotiate', params: {} }, hub]);
  });
});

describe('the challenges that can be answered', () => {
  test.each([
    [['Basic realm="b", Bearer realm="r"'], ['basic', 'bearer']],
    [['Basic realm="b"', 'Bearer service="no realm"'], ['basic']],
    [['Negotiate', 'Basic'], ['basic']],
    [['Negotiate', 'Digest'], []],
    [[], []],
  ])('of %j are %j', (headers, schemes) => {
    expect(usableChallenges(parse(...headers)).map(({ scheme }) => scheme)).toEqual(schemes);
  });
});

interface Case {
  readonly headers: readonly string[];
  readonly expected: readonly Challenge[] | 'error';
  readonly note?: string;
  readonly source: string;
}

/** Where we part from what is expected, on purpose. */
const OURS: Readonly<Record<string, readonly Challenge[]>> = {
  // An unknown scheme keeps its name.
  'foo bar': [{ scheme: 'foo', params: {} }],
  // RFC 9110: a word alone after a comma is another scheme; nobody answers it.
  'Bearer realm="https://auth.example.io/token",service': [
    { scheme: 'bearer', params: { realm: 'https://auth.example.io/token' } },
    { scheme: 'service', params: {} },
  ],
  // Schemes and names are tokens, never quoted.
  '"Basic" "realm"=/': [],
  // Both challenges of one line, as RFC 9110 allows and Gitea sends.
  'Bearer realm="https://codeberg.org/v2/token",service="container_registry",scope="*",Basic realm="https://codeberg.org/v2",service="container_registry",scope="*"':
    [
      {
        scheme: 'bearer',
        params: { realm: 'https://codeberg.org/v2/token', service: 'container_registry', scope: '*' },
      },
      { scheme: 'basic', params: { realm: 'https://codeberg.org/v2', service: 'container_registry', scope: '*' } },
    ],
  // What stands before an open quote is kept.
  'Bearer realm="https://renovate.com/v2/token",service="container_registry",scope="*': [
    { scheme: 'bearer', params: { realm: 'https://renovate.com/v2/token', service: 'container_registry' } },
  ],
};

describe('what other clients read', () => {
  const cases = vectors<Case>('challenges.json');
  const byScheme = (one: Challenge, other: Challenge) => one.scheme.localeCompare(other.scheme);
  const sorted = (challenges: Case['expected']) =>
    Array.isArray(challenges) ? [...challenges].sort(byScheme) : challenges;
  for (const { headers, expected, note, source } of cases) {
    test(`${headers.join(' | ')} (${note ?? source})`, () => {
      expect(sorted(parse(...headers))).toEqual(sorted(OURS[headers.join()] ?? expected));
    });
  }

  test('differs from what we read in what is listed, and in nothing else', () => {
    const differing = cases.filter(
      ({ headers, expected }) => !isDeepStrictEqual(sorted(parse(...headers)), sorted(expected)),
    );
    const listed = cases.length > 0 ? Object.keys(OURS) : [];
    expect(differing.map(({ headers }) => headers.join()).sort()).toEqual(listed.sort());
  });
});
