import { afterEach, describe, expect, test } from '@jest/globals';
import { vectors } from '../oci/vectors.ts';
import { closeClients, openClient, repositoryAt } from '../support/client.ts';
import { closeServers, scriptedServer, sendJson } from '../support/scripted-server.ts';

afterEach(async () => {
  await closeClients();
  await closeServers();
});

interface Case {
  readonly kind: string;
  readonly input: { readonly tags?: readonly string[]; readonly query?: string };
  readonly expected: { readonly tags?: readonly string[]; readonly link?: string | null };
  readonly note?: string;
}

// What distribution answers to a page that was asked for; the pages before and after it are made up. `_catalog`, which we never ask for, is left out.
describe('a page as distribution answers it', () => {
  const cases = vectors<Case>('pagination.json').filter(({ kind, expected }) => kind === 'server' && expected.tags);

  test.each(cases.map((one) => [one.note ?? one.input.query ?? '', one] as const))(
    '%s',
    async (_, { input, expected }) => {
      const server = await scriptedServer((request, response) => {
        const last = new URL(request.path, 'http://registry').searchParams.get('last');
        if (request.index === 0)
          return sendJson(
            response,
            200,
            { tags: ['first'] },
            { Link: `</v2/test/tags/list?${input.query}>; rel="next"` },
          );
        if (request.index === 1)
          return sendJson(response, 200, { tags: expected.tags }, expected.link ? { Link: expected.link } : {});
        const [all, seen] = [input.tags ?? [], (input.tags ?? []).indexOf(last ?? '')];
        return sendJson(response, 200, { tags: all.slice(seen + 1) });
      });
      const tags = await openClient().tags(repositoryAt(server.host, 'test'));
      const after = expected.link
        ? (input.tags ?? []).slice((input.tags ?? []).indexOf(expected.tags?.at(-1) ?? '') + 1)
        : [];
      expect(tags).toEqual(['first', ...(expected.tags ?? []), ...after]);
      expect(server.requests).toHaveLength(expected.link ? 3 : 2);
    },
  );

  test('is one of several, or there are no vectors here', () => {
    expect(cases.length === 0 || cases.length >= 6).toBe(true);
  });
});
