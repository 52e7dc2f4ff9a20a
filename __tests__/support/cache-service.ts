import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Blobs } from './cache-service/blobs.ts';
import { Entries, type Scopes, tokenFor } from './cache-service/entries.ts';
import { type Faults, type Point, strike, suffer } from './cache-service/faults.ts';
import type { Shape } from './cache-service/shaping.ts';
import { answerCall, METHODS } from './cache-service/twirp.ts';

/** A request the service had: a method of the cache service, or `PUT`, `GET` and `HEAD` of a blob. */
export interface CacheCall {
  readonly call: string;
  readonly key?: string | undefined;
  /** 0 if it never got an answer. */
  status: number;
  /** Of blobs, in and out. */
  bytes: number;
}

/** A stand-in of the Actions cache service v2 on a free port of 127.0.0.1. Faults and shape may be changed at any moment. */
export interface CacheService {
  readonly url: string;
  faults: Faults;
  shape: Shape;
  readonly calls: CacheCall[];
  /** The names of the calls so far, a key after those that have one. */
  lines(): string[];
  /** Keys that can be restored, oldest first. */
  keys(): string[];
  /** What a job needs in its environment; by default it reads and writes the scope `main`. */
  environment(scopes?: Scopes): Record<string, string>;
  /** Puts an entry there behind everybody's back: an archive as it is, for the scope `main`. */
  put(key: string, archive: Uint8Array, version: string): Promise<void>;
  close(): Promise<void>;
}

/** The version @actions/cache gives an entry of one path: paths, compression and a salt, hashed. */
export function cacheVersion(entryPath: string, compression: 'zstd-without-long' | 'gzip'): string {
  return createHash('sha256').update(`${entryPath}|${compression}|1.0`).digest('hex');
}

const SERVICE = '/twirp/github.actions.results.api.v1.CacheService/';
const MAIN: Scopes = { read: ['main'], write: 'main' };

/** `blobHost` stands in signed URLs instead of 127.0.0.1, so that the client takes its way for Azure; it has to resolve to this machine there. */
export async function startCacheService({
  port = 0,
  blobHost = '127.0.0.1',
  shape = {} as Shape,
} = {}): Promise<CacheService> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cache-service-'));
  const blobs = new Blobs(folder);
  const entries = new Entries();
  const calls: CacheCall[] = [];

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '';
    if (url === '/_stats') return sendJson(response, 200, calls);
    if (url.startsWith(SERVICE)) return handleCall(url.slice(SERVICE.length), request, response);
    const record: CacheCall = { call: request.method ?? '', status: 0, bytes: 0 };
    calls.push(record);
    const fault = strike(service.faults, request.method === 'PUT' ? 'upload' : 'download');
    if (service.shape.blobMs) await sleep(service.shape.blobMs);
    if (!fault || !(await suffer(fault, request, response))) {
      record.bytes = await blobs.answer(request, response, service.shape, fault);
    }
    if (response.headersSent) record.status = response.statusCode;
  }

  async function handleCall(method: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const body = JSON.parse(text);
    const record: CacheCall = { call: method, key: body.key, status: 0, bytes: 0 };
    calls.push(record);
    const point: Point | undefined = METHODS[method];
    if (point === undefined) return sendJson(response, 404, { code: 'bad_route', msg: method });
    if (service.shape.callMs) await sleep(service.shape.callMs);
    const fault = strike(service.faults, point);
    if (!fault || !(await suffer(fault, request, response))) {
      const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
      const link = (to: string) => `http://${blobHost}:${bound}${to}`;
      const answer = answerCall({ method, token, body, link }, entries, blobs);
      sendJson(response, answer.status, answer.body);
    }
    if (response.headersSent) record.status = response.statusCode;
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const bound = (server.address() as AddressInfo).port;
  const url = `http://127.0.0.1:${bound}`;

  const service: CacheService = {
    url,
    faults: {},
    shape,
    calls,
    lines: () => calls.map(({ call, key }) => (key === undefined ? call : `${call} ${key}`)),
    keys: () => entries.all.filter(({ ready }) => ready).map(({ key }) => key),
    environment: (scopes = MAIN) => ({
      ACTIONS_CACHE_SERVICE_V2: 'True',
      ACTIONS_RESULTS_URL: `${url}/`,
      ACTIONS_RUNTIME_TOKEN: tokenFor(scopes),
      GITHUB_SERVER_URL: 'https://github.com',
    }),
    async put(key, archive, version) {
      const entry = entries.reserve('main', key, version);
      if (entry === undefined) throw new Error(`${key} is there already`);
      await blobs.put(String(entry.id), archive);
      entry.ready = true;
    },
    async close() {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await rm(folder, { recursive: true, force: true });
    },
  };
  return service;
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

// node cache-service.ts [PORT] [--call-ms 100] [--blob-ms 20] [--mb-per-second 60] [--blob-host NAME]: prints its URL; ends with its standard input.
if (import.meta.main) {
  const number = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'call-ms': number, 'blob-ms': number, 'mb-per-second': number, 'blob-host': number },
  });
  const service = await startCacheService({
    port: Number(positionals[0] ?? 0),
    ...(values['blob-host'] === undefined ? {} : { blobHost: values['blob-host'] }),
    shape: {
      callMs: Number(values['call-ms'] ?? 0),
      blobMs: Number(values['blob-ms'] ?? 0),
      connectionRate: values['mb-per-second'] === undefined ? undefined : Number(values['mb-per-second']) * 1e6,
    },
  });
  process.stdout.write(`${service.url}\n`);
  process.stdin.resume().once('end', () => void service.close());
}
