import { expect, test } from '@jest/globals';
import { parseUrl } from '../../src/lib/parse-url.ts';

test.each(['https://a.test/b', 'http://[::1]:5000'])('%s is a URL', (text) => {
  expect(parseUrl(text)?.href).toBe(new URL(text).href);
});

// Node 24 says of this host that it can be parsed, and throws when it is.
test.each(['', 'a b', 'https://', `https://${'9'.repeat(40_000)}9991e9991e999`])(
  '%.20s is none, or throws nothing',
  (text) => {
    expect(() => parseUrl(text)).not.toThrow();
  },
);
