import { describe, expect, test } from '@jest/globals';
import { proxyRule } from '../../src/registry/proxies.ts';
import { vectors } from '../oci/vectors.ts';

interface Case {
  readonly env: Readonly<Record<string, string>>;
  readonly url: string | null;
  readonly source: string;
  /** What golang.org/x/net/http/httpproxy answers: a URL, nothing, or an error. */
  readonly go_httpproxy?: string | null;
}

const CASES = vectors<Case>('proxy.json');

function answer(env: Readonly<Record<string, string>>, url: string): string | null {
  try {
    const proxy = proxyRule(env)(new URL(url));
    return proxy ? proxy.href.replace(/\/$/, '') : null;
  } catch {
    return 'error';
  }
}

describe('a proxy is chosen as Go chooses it', () => {
  test('in every vector, without a difference', () => {
    const asked = CASES.filter(({ url }) => url !== null);
    const different = asked
      .map(({ env, url, go_httpproxy: go }) => ({ env, url, go, ours: answer(env, url ?? '') }))
      .filter(({ go, ours }) => (go ?? null) !== ours);
    expect(different).toEqual([]);
    if (CASES.length > 0) expect(asked.length).toBeGreaterThan(160);
  });

  const PROXY = 'http://proxy:3128';

  test.each([
    ['', 'https://ghcr.io', PROXY],
    ['ghcr.io', 'https://ghcr.io', null],
    ['ghcr.io', 'https://pkg.ghcr.io', null],
    ['ghcr.io', 'https://notghcr.io', PROXY],
    ['.corp', 'https://registry.corp', null],
    ['.corp', 'https://corp', PROXY],
    ['*.corp', 'https://a.b.corp', null],
    ['a.corp:5000', 'https://a.corp:5000', null],
    ['a.corp:5000', 'https://a.corp', PROXY],
    ['a.corp:443', 'https://a.corp', null],
    ['10.0.0.0/8', 'https://10.1.2.3:5000', null],
    ['10.0.0.0/8', 'https://11.1.2.3', PROXY],
    ['fd00::/8', 'https://[fd00::1]:5000', null],
    ['[fd00::1]:5000', 'https://[fd00::1]:5001', PROXY],
    ['other, *', 'https://ghcr.io', null],
    ['', 'https://127.0.0.1:5000', null],
    ['', 'http://localhost:5000', null],
    ['', 'https://[::1]:5000', null],
  ])('with NO_PROXY=%s for %s: %s', (no, url, expected) => {
    expect(answer({ HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY, NO_PROXY: no }, url)).toBe(expected);
    expect(answer({ https_proxy: PROXY, http_proxy: PROXY, no_proxy: no }, url)).toBe(expected);
  });
});

describe('a proxy that cannot be used is an error', () => {
  test.each([
    [{ HTTPS_PROXY: 'ftp://proxy' }, 'HTTPS_PROXY: expected http://, https:// or socks5://, found ftp://proxy/'],
    [{ HTTPS_PROXY: 'http://u:hunter2@' }, 'HTTPS_PROXY: its value is not a URL'],
    [
      { HTTPS_PROXY: 'ftp://u:hunter2@proxy' },
      'HTTPS_PROXY: expected http://, https:// or socks5://, found ftp://proxy/',
    ],
  ])('%j, and says nothing of a password', (env, message) => {
    expect(() => proxyRule(env)(new URL('https://ghcr.io'))).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', message }),
    );
  });
});
