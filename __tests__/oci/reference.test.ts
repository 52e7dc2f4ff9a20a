import { describe, expect, test } from '@jest/globals';
import { PullError } from '../../src/errors.ts';
import {
  canonicalName,
  canonicalReference,
  familiarName,
  familiarReference,
  isTag,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../../src/oci/reference.ts';
import { group, seeded, thrownBy, vectors } from './vectors.ts';

const HEX = 'e6693c20186f837fc393390135d8a598a96a833917917789d63766cab6c59582';
const SHA512 = `sha512:${'f'.repeat(128)}`;

/** Written, full name, familiar form, tag, digest. */
const VALID: ReadonlyArray<readonly [string, string, string, tag?: string | undefined, digest?: string]> = [
  ['redis', 'docker.io/library/redis', 'redis'],
  ['redis:7', 'docker.io/library/redis', 'redis:7', '7'],
  ['library/redis', 'docker.io/library/redis', 'redis'],
  ['index.docker.io/redis', 'docker.io/library/redis', 'redis'],
  ['docker.io/a/b', 'docker.io/a/b', 'a/b'],
  ['docker.io/library/a/b', 'docker.io/library/a/b', 'library/a/b'],
  [`redis@sha256:${HEX}`, 'docker.io/library/redis', `redis@sha256:${HEX}`, undefined, `sha256:${HEX}`],
  [`redis:7@sha256:${HEX}`, 'docker.io/library/redis', `redis:7@sha256:${HEX}`, '7', `sha256:${HEX}`],
  [`a@${SHA512}`, 'docker.io/library/a', `a@${SHA512}`, undefined, SHA512],
  ['ghcr.io/o/r:main', 'ghcr.io/o/r', 'ghcr.io/o/r:main', 'main'],
  ['ghcr.io/scratch', 'ghcr.io/scratch', 'ghcr.io/scratch'],
  ['host:5000/a/b', 'host:5000/a/b', 'host:5000/a/b'],
  ['host:5000', 'docker.io/library/host', 'host:5000', '5000'],
  ['localhost/a', 'localhost/a', 'localhost/a'],
  ['localhost', 'docker.io/library/localhost', 'localhost'],
  ['LOCALHOST/a', 'LOCALHOST/a', 'LOCALHOST/a'],
  ['Foo/bar', 'Foo/bar', 'Foo/bar'],
  ['[2001:db8::1]:5000/a:b', '[2001:db8::1]:5000/a', '[2001:db8::1]:5000/a:b', 'b'],
  ['a__b/c.d/e---f:_T.-x', 'docker.io/a__b/c.d/e---f', 'a__b/c.d/e---f:_T.-x', '_T.-x'],
  [`a.b/${'c'.repeat(255)}`, `a.b/${'c'.repeat(255)}`, `a.b/${'c'.repeat(255)}`],
];

const INVALID: ReadonlyArray<readonly [text: string, reason: string]> = [
  ['', 'invalid reference format'],
  [' redis', 'invalid reference format'],
  ['redis\n', 'invalid reference format'],
  ['https://ghcr.io/o/r', 'invalid reference format'],
  ['a//b', 'invalid reference format'],
  ['a/', 'invalid reference format'],
  ['a:', 'invalid reference format'],
  ['a@', 'invalid reference format'],
  ['a___b', 'invalid reference format'],
  ['-a', 'invalid reference format'],
  [`a:${'t'.repeat(129)}`, 'invalid reference format'],
  ['[fe80::1%eth0]:5000/a', 'invalid reference format'],
  ['::1/a', 'invalid reference format'],
  ['a/B', 'invalid reference format: repository name (a/B) must be lowercase'],
  ['Redis', 'invalid reference format: repository name (library/Redis) must be lowercase'],
  ['a:\u212a', 'repository name must be lowercase'],
  [HEX, `invalid repository name (${HEX}), cannot specify 64-byte hexadecimal strings`],
  [`a.b/${'c'.repeat(256)}`, 'repository name must not be more than 255 characters'],
  ['c'.repeat(248), 'repository name must not be more than 255 characters'],
  ['scratch', "'scratch' is a reserved name"],
  ['docker.io/library/scratch:1', "'scratch' is a reserved name"],
  ['a@sha256:abcd', 'invalid reference format'],
  [`a@sha256:${HEX.slice(1)}`, 'invalid checksum digest length: expected 64 hex digits, found 63'],
  [`a@sha256:${HEX.toUpperCase()}`, 'invalid checksum digest format: expected lower-case hex digits'],
  [`a@blake3:${HEX}`, 'unsupported digest algorithm blake3, expected sha256 or sha512'],
  [`a@constructor:${HEX}`, 'unsupported digest algorithm constructor, expected sha256 or sha512'],
];

const rows = VALID.map(([text, name, familiar, tag, digest]) => ({ text, name, familiar, tag, digest }));

test.each(rows)('$text is read as Docker reads it', ({ text, name, familiar, tag, digest }) => {
  const reference = parseReference(text);
  expect({ ...reference, name: canonicalName(reference) }).toEqual({
    domain: name.slice(0, name.indexOf('/')),
    path: name.slice(name.indexOf('/') + 1),
    name,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  });
  expect(familiarReference(reference)).toBe(familiar);
});

test.each(INVALID)('%j is refused', (text, reason) => {
  const error = thrownBy(() => parseReference(text));
  expect(error).toBeInstanceOf(PullError);
  expect(error).toMatchObject({ code: 'REFERENCE_INVALID', reason });
  expect((error as PullError).hint).toMatch(/\.$/);
});

test('what is not a host name is refused although Docker reads it as a name without a host, which nobody can pull', () => {
  expect(() => parseReference('foo_bar.com/app')).toThrow('foo_bar.com is not a host name');
});

test('the subject of the error is the text, cleaned', () => {
  expect(thrownBy(() => parseReference('a\n::error::b ##[c'))).toMatchObject({ subject: 'a : :error: :b # #[c' });
  expect(thrownBy(() => parseReference(''))).toMatchObject({ subject: '""' });
});

test('the default tag is added only to a bare name', () => {
  const forms = ['redis', 'redis:7', `redis@sha256:${HEX}`].map((text) => withDefaultTag(parseReference(text)));
  expect(forms.map(familiarReference)).toEqual(['redis:latest', 'redis:7', `redis@sha256:${HEX}`]);
});

test.each([
  ['7', true],
  ['_', true],
  ['a'.repeat(128), true],
  ['', false],
  ['-a', false],
  ['.a', false],
  ['a:b', false],
  ['é', false],
  ['a\n', false],
])('a tag? %j: %s', (text, expected) => {
  expect(isTag(text)).toBe(expected);
});

test('the full form of whatever is read is read back as it was', () => {
  const random = seeded(1);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const pieces =
    'a b0 A _ __ - -- . : / @ :5000 localhost docker.io library index.docker.io [::1] x.y :v1 sha256:'.split(' ');
  let read = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const text = Array.from({ length: 1 + Math.floor(random() * 7) }, () => pick([...pieces, HEX])).join('');
    let reference: Reference;
    try {
      reference = parseReference(text);
    } catch (error) {
      expect(error).toBeInstanceOf(PullError);
      continue;
    }
    read += 1;
    expect(parseReference(canonicalReference(reference))).toEqual(reference);
    expect(canonicalName(reference).endsWith(familiarName(reference))).toBe(true);
  }
  expect(read).toBeGreaterThan(500);
});

interface Case {
  readonly api: string;
  readonly input: string;
  readonly expected: { readonly error?: string; readonly match?: boolean } & Readonly<Record<string, unknown>>;
  readonly withDefaultTag?: string | null;
  readonly dockerRef?: string | null;
}

describe('the answers of distribution/reference', () => {
  const of = group(vectors<Case>('reference.json'), ({ api }) => api);

  test('normalize', () => {
    const differing = of('normalize').filter(({ input, expected }) => !agrees(input, expected));
    expect(differing.map(({ input }) => input)).toEqual([]);
  });

  test('normalize, with the default tag, with the tag dropped where there is a digest', () => {
    const differing = of('normalize').filter((one) => {
      if (!one.withDefaultTag || !one.dockerRef) return false;
      const reference = withDefaultTag(parseReference(one.input));
      const pinned = reference.digest === undefined ? reference : { ...reference, tag: undefined };
      return canonicalReference(reference) !== one.withDefaultTag || canonicalReference(pinned) !== one.dockerRef;
    });
    expect(differing.map(({ input }) => input)).toEqual([]);
  });

  test('dockerRef', () => {
    const differing = of('dockerRef (tag dropped where a digest is given; latest added)').filter(
      ({ input, expected }) => {
        const reference = withDefaultTag(parseReference(input));
        const pinned = reference.digest === undefined ? reference : { ...reference, tag: undefined };
        return canonicalReference(pinned) !== expected.string;
      },
    );
    expect(differing.map(({ input }) => input)).toEqual([]);
  });

  // Parse does not normalize: a name with a host must come out the same, the rest is not ours to answer.
  test('parse, of names with a host', () => {
    const full = of('parse').filter(({ expected }) => /[.:]/.test(String(expected.domain ?? '')));
    const differing = full.filter(({ input, expected }) => !agrees(input, expected));
    expect(differing.map(({ input }) => input)).toEqual([]);
  });

  test('parse, of what is no reference', () => {
    const wrong = of('parse').filter(({ expected }) => expected.error !== undefined);
    const accepted = wrong.filter(({ input }) => thrownBy(() => parseReference(input)) === undefined);
    // Parse counts the 255 characters without `library/`, so nothing may differ here but what normalizing makes longer.
    expect(accepted.map(({ input }) => input)).toEqual([]);
  });

  test('parseNamed takes a full name as its own canonical form', () => {
    const differing = of('parseNamed (canonical only)').filter(({ input, expected }) => {
      const same =
        thrownBy(() => parseReference(input)) === undefined && canonicalReference(parseReference(input)) === input;
      return same !== (expected.error === undefined);
    });
    expect(differing.map(({ input }) => input)).toEqual([]);
  });

  test('domain: what matches can stand before a path', () => {
    const differing = of('domain').filter(({ input, expected }) => {
      const error = thrownBy(() => parseReference(`${input}/a`));
      return (error === undefined) !== expected.match;
    });
    expect(differing.map(({ input }) => input)).toEqual([]);
  });

  test('referenceRegexp', () => {
    const differing = of('referenceRegexp').filter(({ input, expected }) => {
      return (thrownBy(() => parseReference(input)) === undefined) !== expected.match;
    });
    expect(differing.map(({ input }) => input)).toEqual([]);
  });
});

function agrees(input: string, expected: Case['expected']): boolean {
  const error = thrownBy(() => parseReference(input));
  if (expected.error !== undefined) return error instanceof PullError && error.reason.startsWith(expected.error);
  if (error !== undefined) return false;
  const reference = parseReference(input);
  const ours: Readonly<Record<string, unknown>> = {
    domain: reference.domain,
    path: reference.path,
    name: canonicalName(reference),
    familiarName: familiarName(reference),
    familiarString: familiarReference(reference),
    string: canonicalReference(reference),
    tag: reference.tag,
    digest: reference.digest,
  };
  return Object.entries(ours).every(([key, value]) => value === expected[key]);
}
