import { describe, expect, test } from '@jest/globals';
import { parseReference, withDefaultTag } from '../../src/oci/reference.ts';
import { group, vectors } from './vectors.ts';

interface Name {
  readonly name?: string;
  readonly error?: string;
}

interface Case {
  readonly kind: string;
  readonly input: string;
  readonly differs_from_distribution?: boolean;
  readonly expected: Name & { readonly weak?: Name };
}

/** The name as go-containerregistry prints it, which calls Docker Hub by its old host and drops a tag that a digest makes idle; undefined if it is refused. */
function nameOf(text: string): string | undefined {
  try {
    const { domain, path, tag, digest } = withDefaultTag(parseReference(text));
    return `${domain === 'docker.io' ? 'index.docker.io' : domain}/${path}${digest ? `@${digest}` : `:${tag}`}`;
  } catch {
    return undefined;
  }
}

// Docker follows distribution/reference, and so do we: where go-containerregistry parts from it, so do we from go-containerregistry.
describe('go-containerregistry', () => {
  const of = group(vectors<Case>('ggcr_name.json'), ({ kind }) => kind);

  test('reads the names that mean the same to distribution as we do', () => {
    const differing = of('run').filter(
      ({ input, expected, differs_from_distribution: differs }) => !differs && nameOf(input) !== expected.weak?.name,
    );
    expect(differing.map(({ input }) => [input, nameOf(input)])).toEqual([]);
  });

  test('reads those that do not in another way than we do', () => {
    const same = of('run').filter(
      ({ input, expected, differs_from_distribution: differs }) => differs && nameOf(input) === expected.weak?.name,
    );
    expect(same.map(({ input }) => input)).toEqual([]);
  });

  test.each(['digest', 'tag', 'error'])('asserts of a %s what we say', (kind) => {
    const differing = of(kind).filter(({ input, expected }) => nameOf(input) !== expected.name);
    expect(differing.map(({ input, expected }) => [input, nameOf(input), expected.name])).toEqual([]);
  });
});
