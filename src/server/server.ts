import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Descriptor } from '../oci/descriptor.ts';
import type { BlobSource } from '../ports.ts';
import { rangeOf } from './range.ts';
import { type Route, routeOf } from './routes.ts';

/** The images a server offers, by repository path. */
export interface Catalog {
  /** What a tag or a digest of the repository means, if it is offered. */
  find(path: string, reference: string): Descriptor | undefined;
  tags(path: string): readonly string[];
}

export interface Server {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Requests answered so far, as `GET /v2/…`. */
  readonly requests: readonly string[];
  /** Ends the server and every connection it has. */
  close(): Promise<void>;
}

/**
 * Serves a catalog over its blobs as a registry on a free port of 127.0.0.1: reading only, GET and HEAD, one range at a time, reachable from this machine alone.
 * A blob that fails ends the connection it goes over.
 */
export async function serve(catalog: Catalog, blobs: BlobSource): Promise<Server> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response, catalog, blobs).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  catalog: Catalog,
  blobs: BlobSource,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refuse(response, 405, 'UNSUPPORTED', 'this registry is read-only');
  const route = routeOf(new URL(request.url ?? '/', 'http://registry').pathname);
  if (!route) return refuse(response, 404, 'NAME_UNKNOWN', 'no such endpoint');
  if (route.kind === 'base') return json(response, {});
  if (route.kind === 'tags') return tags(response, route.path, catalog);
  const blob = targetOf(route, catalog);
  if (!blob) {
    const code = route.kind === 'manifest' ? 'MANIFEST_UNKNOWN' : 'BLOB_UNKNOWN';
    return refuse(response, 404, code, `${route.path} has no such ${route.kind}`);
  }
  await send(request, response, blob, {
    blobs,
    type: route.kind === 'manifest' ? blob.mediaType : 'application/octet-stream',
  });
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  blob: Descriptor,
  { blobs, type }: { readonly blobs: BlobSource; readonly type: string },
): Promise<void> {
  const { digest, size } = blob;
  const range = request.method === 'GET' ? rangeOf(request.headers.range, size) : undefined;
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${size}`);
    return refuse(response, 416, 'RANGE_INVALID', `the blob has ${size} bytes`);
  }
  const headers = { 'Content-Type': type, 'Docker-Content-Digest': digest, 'Accept-Ranges': 'bytes' };
  if (range) {
    const { start, end } = range;
    const part = { 'Content-Length': end - start, 'Content-Range': `bytes ${start}-${end - 1}/${size}` };
    response.writeHead(206, { ...headers, ...part });
  } else {
    response.writeHead(200, { ...headers, 'Content-Length': size });
  }
  if (request.method === 'HEAD') return void response.end();
  // The first bytes may be long in coming, and clients give up on an answer that does not begin.
  response.flushHeaders();
  await pipeline(Readable.from(blobs.open(blob, range), { objectMode: false }), response);
}

const targetOf = (route: Extract<Route, { kind: 'manifest' | 'blob' }>, catalog: Catalog): Descriptor | undefined =>
  catalog.find(route.path, route.kind === 'manifest' ? route.reference : route.digest);

function tags(response: ServerResponse, path: string, catalog: Catalog): void {
  const names = catalog.tags(path);
  if (names.length === 0) refuse(response, 404, 'NAME_UNKNOWN', `repository ${path} is not known here`);
  else json(response, { name: path, tags: names });
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) })
    .end(text);
}

/** distribution-spec v1.1, "Error Codes". */
const refuse = (response: ServerResponse, status: number, code: string, message: string): void =>
  json(response, { errors: [{ code, message }] }, status);
