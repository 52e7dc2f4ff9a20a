import { describe, expect, test } from '@jest/globals';
import { nextLink, parseLinks, resolveLink } from '../../src/registry/link.ts';
import { vectors } from '../oci/vectors.ts';

const REQUEST = new URL('https://r.example/v2/a/tags/list?n=1000');

function next(header: string | readonly string[], request = REQUEST): string | undefined {
  const { links, malformed } = parseLinks([header].flat());
  const target = nextLink(links);
  if (target === undefined) return malformed ? 'malformed' : undefined;
  return resolveLink(target, request)?.href ?? 'malformed';
}

describe('the next page', () => {
  test.each([
    ['</v2/a/tags/list?last=b&n=1>; rel="next"', 'https://r.example/v2/a/tags/list?last=b&n=1'],
    ['</p>; rel="prev", </q>; rel="next"', 'https://r.example/q'],
    ['</q>; REL=Next', 'https://r.example/q'],
    ['</q>; title="a,b;c\\"d"; rel="last next"', 'https://r.example/q'],
    ['<?page=2>; rel="next"', 'https://r.example/v2/a/tags/list?page=2'],
    ['<//r.example/q>; rel="next"', 'https://r.example/q'],
    ['<v2/a/tags/list?next_page=x>; rel="next"', 'https://r.example/v2/a/tags/list?next_page=x'],
    ['</q?n=100>', 'https://r.example/q?n=100'],
    ['</q>; rel="next", ', 'https://r.example/q'],
    ['</q>; rel="prev"', undefined],
    ['', undefined],
    ['<', 'malformed'],
    ['<>', 'malformed'],
    ['/q; rel="next"', 'malformed'],
    ['</q>; rel="next', 'malformed'],
  ])('of %s is %s', (header, expected) => {
    expect(next(header)).toBe(expected);
  });

  test('may stand in any of several headers', () => {
    expect(next(['</p>; rel="prev"', '</q>; rel="next"'])).toBe('https://r.example/q');
  });
});

interface Case {
  readonly kind: string;
  readonly input: {
    readonly request?: string;
    readonly link?: readonly string[];
    readonly wanted?: Record<string, string>;
  };
  readonly expected: { readonly next?: string | null; readonly uri?: string; readonly error?: string };
}

// Not followed: targets without angle brackets, and what regclient alone calls an error although RFC 8288 allows it ("&" in a name).
const OURS = new Set(['</path>; r&d="nope"']);

describe('what other clients take for the next page', () => {
  const cases = vectors<Case>('pagination.json').filter(
    ({ kind, input, expected }) =>
      kind.startsWith('link') &&
      (input.wanted === undefined || input.wanted.rel === 'next') &&
      !('note' in expected) &&
      !OURS.has(input.link?.[0] ?? ''),
  );
  for (const { input, expected } of cases) {
    test(`${input.link?.join(' | ')} at ${input.request ?? 'r.example'}`, () => {
      const request = new URL(input.request ?? REQUEST);
      const found = next(input.link ?? [], request);
      if (expected.uri) expect(found).toBe(new URL(expected.uri, request).href);
      else if (typeof expected.next === 'string' && expected.next !== 'only when allowed')
        expect(found).toBe(expected.next);
      else expect(found === 'malformed' || found === undefined || new URL(found).origin !== request.origin).toBe(true);
    });
  }
});
