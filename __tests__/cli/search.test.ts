import { afterEach, describe, expect, test } from '@jest/globals';
import { closeServers, scriptedServer, sendJson } from '../support/scripted-server.ts';
import { startSource } from '../support/source.ts';

const RESULTS = [
  {
    name: 'redis',
    description: 'Redis is the world’s fastest data platform for caching, and more.',
    star_count: 13000,
    is_official: true,
  },
  { name: 'bitnami/redis', description: '::error::Bitnami\nRedis', star_count: 300, is_official: false },
  { name: 'me/redis', description: null, star_count: 0, is_official: false },
];

afterEach(closeServers);

const hub = () => scriptedServer((_, response) => sendJson(response, 200, { num_results: 3, results: RESULTS }));
const search = (index: string, ...words: string[]) =>
  startSource(['search', 'redis', '--index', index, ...words], { HOME: '/nonexistent' }).done;

describe('search', () => {
  test('prints a table as Docker does', async () => {
    const server = await hub();
    const { code, stdout, stderr } = await search(server.origin, '--limit', '100');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(server.lines()).toEqual(expect.arrayContaining(['GET /v1/search?q=redis&n=100']));
    expect(stdout.split('\n')).toEqual([
      'NAME            DESCRIPTION                                     STARS   OFFICIAL',
      'redis           Redis is the world’s fastest data platform f…   13000   [OK]',
      'bitnami/redis   : :error: :Bitnami Redis                        300',
      'me/redis                                                        0',
      '',
    ]);
  }, 30_000);

  test('filters, and prints JSON', async () => {
    const server = await hub();
    const names = async (...words: string[]) => {
      const { stdout } = await search(server.origin, '--format', 'json', ...words);
      return JSON.parse(stdout).map(({ name }: { name: string }) => name);
    };
    expect(await names('--filter', 'is-official=true')).toEqual(['redis']);
    expect(await names('--filter', 'stars=300', '--filter', 'is-official=false')).toEqual(['bitnami/redis']);
  }, 30_000);

  test('says what cannot be asked for, and when nobody answers', async () => {
    const said = async (...words: string[]) => (await search('http://127.0.0.1:9', ...words)).stderr;
    expect(await said('--limit', '101')).toContain('--limit: expected a whole number from 1 to 100, found "101"');
    expect(await said('--filter', 'stars=many')).toContain('--filter: expected is-official=true');
    const silent = await said();
    expect(silent).toContain('127.0.0.1:9: cannot reach 127.0.0.1:9: connection refused');
    expect(silent).toContain('Only 127.0.0.1:9 can be searched');
  }, 30_000);

  test('an answer that is no list is an error', async () => {
    const server = await scriptedServer((_, response) => response.end('<html>'));
    expect((await search(server.origin)).stderr).toContain('expected a list of results, found "<html>"');
  }, 30_000);
});
