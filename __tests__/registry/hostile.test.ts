import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createReporter } from '../../src/github/reporter.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { OCI_MANIFEST } from '../../src/oci/media-types.ts';
import type { PullEvent } from '../../src/outcome.ts';
import type { RegistryOptions } from '../../src/registry/registry.ts';
import { closeClients, collect, openClient, repositoryAt } from '../support/client.ts';
import {
  closeServers,
  type Recorded,
  type ScriptedServer,
  scriptedServer,
  sendJson,
} from '../support/scripted-server.ts';

const LAYER = Buffer.alloc(300_000, 'layer');
const BLOB = { mediaType: 'application/octet-stream', digest: digestOf(LAYER), size: LAYER.length };
const MANIFEST = Buffer.from('{"schemaVersion":2}');
const CHUNK = 64 * 1024;
const [username, password] = ['alice', 's3cret-of-alice'];
const BASIC = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
/** What belongs to the registry alone. */
const SECRETS = [username, password, BASIC.slice(6), 'token-of-alice', 'token-of-the-job'];

type Answer = (request: Recorded, response: ServerResponse) => unknown;

let registry: ScriptedServer;
let evil: ScriptedServer;
let answerEvil: Answer;
let answerHome: Answer;

/** A registry whose token server knows alice; where she has come in it does what the test says. */
function home(request: Recorded, response: ServerResponse): unknown {
  if (request.path.startsWith('/token')) {
    const token = request.headers.authorization === BASIC ? 'token-of-alice' : 'token-of-nobody';
    return sendJson(response, 200, { token });
  }
  if (request.path.startsWith('/trap')) return answerHome(request, response);
  if (request.headers.authorization !== 'Bearer token-of-alice')
    return response.writeHead(401, { 'WWW-Authenticate': `Bearer realm="${registry.origin}/token",service="r"` }).end();
  return answerHome(request, response);
}

beforeEach(async () => {
  registry = await scriptedServer(home, { answersTls: true });
  evil = await scriptedServer((request, response) => answerEvil(request, response), { answersTls: true });
});
afterEach(async () => {
  await closeClients();
  await closeServers();
});

const away: Answer = ({ path }, response) => response.writeHead(307, { Location: `${evil.origin}${path}` }).end();
const challenge =
  (value: () => string): Answer =>
  ({ headers }, response) =>
    headers.authorization
      ? sendJson(response, 200, {})
      : response.writeHead(401, { 'WWW-Authenticate': value() }).end();

/** What a host does that wants somebody else's login. */
const TRICKS: Readonly<Record<string, Answer>> = {
  'asks for a login': challenge(() => 'Basic realm="r"'),
  'asks for a token of the registry': challenge(() => `Bearer realm="${registry.origin}/token",service="r"`),
  'asks for a token of its own': (request, response) =>
    request.path.startsWith('/token')
      ? sendJson(response, 200, { token: 'token-of-evil' })
      : challenge(() => `Bearer realm="${evil.origin}/token",service="r"`)(request, response),
  'asks for both': challenge(() => `Basic realm="r", Bearer realm="${evil.origin}/token"`),
  'names a token server that sends the question home': (request, response) =>
    request.path.startsWith('/token')
      ? response.writeHead(307, { Location: `${registry.origin}${request.path}` }).end()
      : challenge(() => `Bearer realm="${evil.origin}/token"`)(request, response),
  'sends back home': (_, response) => response.writeHead(307, { Location: `${registry.origin}/trap` }).end(),
  refuses: (_, response) => sendJson(response, 403, { errors: [{ code: 'DENIED' }] }),
  'gives a part and then asks for a login': ({ headers, index }, response) => {
    const [, start = 0, end = 0] = (/^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []).map(Number);
    if (index > 1) return response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="r"' }).end();
    const range = `bytes ${start}-${end}/${LAYER.length}`;
    response.writeHead(206, { 'Content-Range': range, 'Content-Length': end + 1 - start });
    return response.end(LAYER.subarray(start, end + 1));
  },
};

/** Asks for all there is to ask, whatever comes of it. */
async function everything(options: Partial<RegistryOptions> = {}): Promise<readonly PullEvent[]> {
  const logins = [{ registry: registry.host, username, password }];
  const all: PullEvent[] = [];
  for (const chunkSize of [CHUNK, undefined]) {
    const chunks = chunkSize === undefined ? {} : { chunkSize };
    const client = openClient({ logins, githubToken: 'token-of-the-job', ...chunks, ...options });
    const repository = repositoryAt(registry.host);
    await client.resolve(repository, '1').catch(() => {});
    await client.manifest(repository, digestOf(MANIFEST)).catch(() => {});
    await client.tags(repository).catch(() => {});
    await client.has(repository, BLOB.digest);
    await collect(client.blob(repository, BLOB));
    await collect(client.blob(repository, { ...BLOB, urls: [`${evil.origin}/layer`] }));
    all.push(...client.events);
  }
  return all;
}

const seenBy = ({ requests }: ScriptedServer): string =>
  requests.map(({ path, headers, body }) => `${path} ${JSON.stringify(headers)} ${body}`).join('\n');

describe.each(Object.entries(TRICKS))('a host that %s', (_, trick) => {
  beforeEach(() => {
    answerEvil = trick;
  });

  test('sees nothing of the login of a registry that redirects to it, nor does who it sends us to', async () => {
    answerHome = (request, response) =>
      request.path === '/trap' ? response.writeHead(404).end() : away(request, response);
    await everything();
    expect(evil.requests.length).toBeGreaterThan(0);
    for (const secret of SECRETS) expect(seenBy(evil)).not.toContain(secret);
    const trapped = registry.requests.filter(({ path }) => path === '/trap');
    expect(trapped.filter(({ headers }) => headers.authorization)).toEqual([]);
  });

  test('sees nothing of it as a mirror without one of its own', async () => {
    answerHome = (_request, response) => response.writeHead(404).end();
    await everything({ mirrors: [{ registry: registry.host, domain: evil.host, prefix: '' }] });
    expect(evil.requests.length).toBeGreaterThan(0);
    for (const secret of SECRETS) expect(seenBy(evil)).not.toContain(secret);
  });

  test('sees nothing of it as the next page of the tags', async () => {
    answerHome = (_request, response) =>
      sendJson(response, 200, { tags: ['1'] }, { Link: `<${evil.origin}/v2/acme/app/tags/list?n=1>; rel="next"` });
    await everything();
    expect(evil.requests).toEqual([]);
  });
});

describe('what a hostile registry says', () => {
  const WORDS = '\n::error::pwned\r\n##[error]pwned \u001b[31m\u009b31m \u2028::set-output name=a::b \u202e';

  /** Every line that a run would print of it. */
  async function printed(answer: Answer): Promise<readonly string[]> {
    answerHome = answer;
    answerEvil = answer;
    const lines: string[] = [];
    const errors: string[] = [];
    const client = openClient({ logins: [{ registry: registry.host, username, password }] });
    const repository = repositoryAt(registry.host);
    const asks = [
      client.resolve(repository, '1'),
      client.manifest(repository, digestOf(MANIFEST)),
      client.tags(repository),
      collect(client.blob(repository, BLOB)).then(({ error }) => Promise.reject(error)),
    ];
    for (const ended of await Promise.allSettled(asks))
      if (ended.status === 'rejected') errors.push(String(ended.reason?.message), String(ended.reason?.hint));
    const report = createReporter({ groups: true, write: (text) => void lines.push(text) });
    for (const event of client.events) report(event);
    for (const message of errors) report({ type: 'warning', message });
    return lines;
  }

  const ours = /^::(?:warning|notice|error|group|endgroup)(?: title=[^:]*)?::/;

  test.each<[string, Answer]>([
    [
      'in JSON',
      (_, response) => sendJson(response, 403, { errors: [{ code: `DENIED${WORDS}`, message: WORDS, detail: WORDS }] }),
    ],
    ['in plain text', (_, response) => response.writeHead(500).end(WORDS)],
    ['in HTML', (_, response) => response.writeHead(404).end(`<html><title>${WORDS}</title></html>`)],
    ['as a tag', (_, response) => sendJson(response, 200, { tags: [WORDS, `a${WORDS}`] })],
    [
      'as a type',
      (_, response) => response.writeHead(200, { 'Content-Type': 'a/b ::error::x ##[error]' }).end(MANIFEST),
    ],
    [
      'as a digest',
      (_, response) =>
        response
          .writeHead(200, { 'Content-Type': OCI_MANIFEST, 'Docker-Content-Digest': 'sha256:::error::x##[error]' })
          .end(MANIFEST),
    ],
    [
      'as a range',
      ({ headers }, response) =>
        response.writeHead(headers.range ? 206 : 200, { 'Content-Range': '::error::x ##[error]' }).end(LAYER),
    ],
    ['as a place', (_, response) => response.writeHead(307, { Location: 'ftp://##[error]/::error::x' }).end()],
    [
      'as another place',
      (_, response) => response.writeHead(307, { Location: 'http://[::error::]/x##[error]y' }).end(),
    ],
    [
      'as a token server',
      (_, response) => response.writeHead(401, { 'WWW-Authenticate': 'Bearer realm="::error::x ##[error]"' }).end(),
    ],
    ['as a wait', (_, response) => response.writeHead(429, { 'Retry-After': '::error:: ##[error]' }).end(WORDS)],
    [
      'as a next page',
      (_, response) => sendJson(response, 200, { tags: ['1'] }, { Link: '<::error::##[error]>; rel="next"' }),
    ],
    [
      'as a status',
      (_, response) => void response.socket?.end('HTTP/1.1 599 ::error:: ##[error]\r\nContent-Length: 0\r\n\r\n'),
    ],
    ['as no HTTP', (_, response) => void response.socket?.end('::error::x ##[error]\r\n')],
  ])('%s is no command', async (_, answer) => {
    const lines = await printed(answer);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line).toMatch(/^[^\n]*\n$/);
      expect(line.slice(0, -1)).not.toMatch(/##\[|[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
      expect(line.replace(ours, '')).not.toMatch(/^\s*::/);
      for (const secret of SECRETS.slice(1)) expect(line).not.toContain(secret);
    }
  });
});
