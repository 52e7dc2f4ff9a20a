import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Client, openClient, repositoryAt } from '../support/client.ts';
import { scriptedRegistry } from '../support/scripted-registry.ts';
import { scriptedServer, sendJson } from '../support/scripted-server.ts';

const PORTAL = expect.stringContaining('Did a proxy or a login portal on the way answer, instead of the registry?');

const server = scriptedRegistry();
let client: Client;

beforeEach(() => {
  client = openClient();
});

const list = () => client.tags(repositoryAt(server.host));

describe('the tags of a repository', () => {
  test('come in the registry’s order with one request where there is one page', async () => {
    server.script = (_, response) => sendJson(response, 200, { name: 'acme/app', tags: ['t3', 'base', 'latest'] });
    expect(await list()).toEqual(['t3', 'base', 'latest']);
    expect(server.lines()).toEqual(['GET /v2/acme/app/tags/list?n=1000']);
    expect(server.requests[0]?.headers.accept).toBe('application/json');
  });

  test.each([null, []])('may be none: %j', async (tags) => {
    server.script = (_, response) => sendJson(response, 200, { tags });
    expect(await list()).toEqual([]);
  });

  test('are followed page by page, by cursors taken as they are, each tag once', async () => {
    const pages = [
      { tags: ['a', 'b'], link: '</v2/acme/app/tags/list?last=b%2Fx%3D%3D&n=2>; rel="next"' },
      { tags: ['b', 'c'], link: `<${server.origin}/v2/acme/app/tags/list?next_page=opaque%3D>; rel=next` },
      { tags: ['d'], link: undefined },
    ];
    server.script = ({ index }, response) => {
      const page = pages[index];
      sendJson(response, 200, { tags: page?.tags }, page?.link ? { Link: page.link } : {});
    };
    expect(await list()).toEqual(['a', 'b', 'c', 'd']);
    expect(server.lines()).toEqual([
      'GET /v2/acme/app/tags/list?n=1000',
      'GET /v2/acme/app/tags/list?last=b%2Fx%3D%3D&n=2',
      'GET /v2/acme/app/tags/list?next_page=opaque%3D',
    ]);
  });

  test('go on behind the last where a link leads nowhere, as those of Artifactory have done', async () => {
    server.script = ({ path }, response) => {
      if (path.includes('last=c')) return sendJson(response, 200, { tags: ['d'] });
      if (path.startsWith('/v2/acme'))
        return sendJson(response, 200, { tags: ['a', 'c'] }, { Link: '</v2/x/tags>; rel="next"' });
      return response.writeHead(404).end();
    };
    expect(await list()).toEqual(['a', 'c', 'd']);
    server.script = ({ path, index }, response) =>
      index > 3 || path.startsWith('/v2/x') || path.includes('last=')
        ? response.writeHead(404).end()
        : sendJson(response, 200, { tags: ['a'] }, { Link: '</v2/x/tags>; rel="next"' });
    await expect(list()).rejects.toMatchObject({ code: 'NAME_UNKNOWN' });
  });

  test('are asked for once more behind a full page without a link, for old registries have none', async () => {
    const all = Array.from({ length: 1500 }, (_, number) => `t${String(number).padStart(4, '0')}`);
    server.script = ({ path }, response) => {
      const last = new URL(path, 'http://x').searchParams.get('last');
      const start = last === null ? 0 : all.indexOf(last) + 1;
      sendJson(response, 200, { tags: all.slice(start, start + 1000) });
    };
    expect(await list()).toEqual(all);
    expect(server.requests.map(({ path }) => path).slice(1)).toEqual(['/v2/acme/app/tags/list?n=1000&last=t0999']);
  });

  test.each([
    ['refuses the question, as ECR Public does', 405],
    ['says the same again', 200],
  ])('are those of a full page where the registry %s', async (_, status) => {
    const all = Array.from({ length: 1000 }, (_, number) => `t${number}`);
    server.script = ({ index }, response) => sendJson(response, index === 0 ? 200 : status, { tags: all });
    expect(await list()).toEqual(all);
    expect(server.requests).toHaveLength(2);
  });

  test('end where the registry links in a circle', async () => {
    const next = (page: number) => ({ Link: `</v2/acme/app/tags/list?page=${page}>; rel="next"` });
    server.script = ({ index }, response) => sendJson(response, 200, { tags: [`t${index}`] }, next(index % 2));
    expect(await list()).toEqual(['t0', 't1', 't2']);
  });

  test('leave out what is not a tag', async () => {
    const tags = ['ok', '', '-x', 'a b', '../../x', 'x'.repeat(129), '::error::', 7, null, '##[error]', 'v1.0_x-2'];
    server.script = (_, response) => sendJson(response, 200, { tags });
    expect(await list()).toEqual(['ok', 'v1.0_x-2']);
  });

  test('never come from another origin', async () => {
    const other = await scriptedServer((_, response) => sendJson(response, 200, { tags: ['stolen'] }));
    server.script = (_, response) =>
      sendJson(response, 200, { tags: ['a'] }, { Link: `<${other.origin}/v2/x?token=hunter2>; rel="next"` });
    const error = await list().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REDIRECT_REFUSED', reason: expect.stringContaining(other.host) });
    expect(String(error)).not.toContain('hunter2');
    expect(other.requests).toHaveLength(0);
  });

  test.each(['<>; rel="next"', '</v2/acme/app/tags/list', 'no link', '<http://[>; rel="next"'])(
    'are not cut short by a Link that cannot be followed: %s',
    async (link) => {
      server.script = (_, response) => sendJson(response, 200, { tags: ['a'] }, { Link: link });
      await expect(list()).rejects.toMatchObject({ code: 'REGISTRY_ANSWER', reason: expect.stringContaining('Link') });
    },
  );

  test.each([
    ['<title>Log in to Hotel</title>', 'expected a list of tags, found a page, "Log in to Hotel"', PORTAL],
    ['you sent Authorization: Bearer abcdefgh12345678', 'found the words "you sent Authorization: Bearer …"', PORTAL],
    ['\u001f\u0000', 'found 2 bytes that are no text', PORTAL],
    ['{"tags":["a"', 'found the words "{\\"tags\\":[\\"a\\""', undefined],
    ['{"tags":"a"}', 'found other JSON', undefined],
    ['true', 'found other JSON', undefined],
  ])('are an error if the answer is %j', async (body, words, hint) => {
    server.script = (_, response) => response.end(body);
    await expect(list()).rejects.toMatchObject({
      code: 'REGISTRY_ANSWER',
      reason: expect.stringContaining(words),
      hint,
    });
  });

  test('of a repository that is not there are NAME_UNKNOWN', async () => {
    server.script = (_, response) =>
      sendJson(response, 404, { errors: [{ code: 'NAME_UNKNOWN', message: 'repository name not known to registry' }] });
    const name = `${server.host}/acme/app`;
    await expect(list()).rejects.toMatchObject({
      code: 'NAME_UNKNOWN',
      reason: `repository ${name} not found (404 from ${server.host}: repository name not known to registry)`,
    });
  });

  test('are too many beyond a hundred thousand', async () => {
    server.script = ({ index }, response) => {
      const tags = Array.from({ length: 60_000 }, (_, number) => `t${index}-${number}`);
      sendJson(response, 200, { tags }, { Link: `</v2/acme/app/tags/list?page=${index}>; rel="next"` });
    };
    await expect(list()).rejects.toMatchObject({ code: 'TOO_MANY_TAGS' });
    expect(server.requests).toHaveLength(2);
  });
});
