import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Descriptor } from '../oci/descriptor.ts';
import type { BlobSource } from '../ports.ts';
import { json, refuse, send } from './answers.ts';
import { listen } from './listen.ts';
import { type Route, routeOf, urlOf } from './routes.ts';

/** The images a server offers, by repository path. */
export interface Catalog {
  /** What a tag or a digest of the repository means, if it is offered. */
  find(path: string, reference: string): Descriptor | undefined;
  tags(path: string): readonly string[];
}

export interface Server {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Ends the server and every connection it has. */
  close(): Promise<void>;
}

/**
 * Serves a catalog over its blobs as a registry on a free port of 127.0.0.1: reading only, GET and HEAD, one range at a time, reachable from this machine alone.
 * A blob that fails ends the connection it goes over. `asked` is told of each request as it comes, as `GET /v2/…`; the server itself remembers none.
 */
export async function serve(
  catalog: Catalog,
  blobs: BlobSource,
  asked: (request: string) => void = () => {},
): Promise<Server> {
  const { port, close } = await listen((request, response) => {
    asked(`${request.method} ${request.url}`);
    return answer(request, response, catalog, blobs);
  });
  return { host: `127.0.0.1:${port}`, close };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  catalog: Catalog,
  blobs: BlobSource,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refuse(response, 405, 'UNSUPPORTED', 'this registry is read-only');
  const route = routeOf(urlOf(request).pathname);
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

const targetOf = (route: Extract<Route, { kind: 'manifest' | 'blob' }>, catalog: Catalog): Descriptor | undefined =>
  catalog.find(route.path, route.kind === 'manifest' ? route.reference : route.digest);

function tags(response: ServerResponse, path: string, catalog: Catalog): void {
  const names = catalog.tags(path);
  if (names.length === 0) refuse(response, 404, 'NAME_UNKNOWN', `repository ${path} is not known here`);
  else json(response, { name: path, tags: names });
}
