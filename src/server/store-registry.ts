import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Gate, gates } from '../lib/pool.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { StoreContents } from '../ports/store-contents.ts';
import type { Registry, Store } from '../ports.ts';
import { json, send } from './answers.ts';
import { deleteBlob, deleteManifest } from './deletes.ts';
import { type Listening, listen, type Place } from './listen.ts';
import { answerReferrers, answerTags } from './lists.ts';
import type { Readable } from './naming.ts';
import { putManifest } from './put-manifest.ts';
import { type ReadThrough, readThroughTo } from './read-through.ts';
import { answerError, Refusal } from './refusal.ts';
import { type Shelf, type Shelves, shelfOf, shelvesOf, sortedTags } from './shelf.ts';
import { type StoreRoute, storeRouteOf } from './store-routes.ts';
import { type Uploads, uploadsInto } from './take-uploads.ts';

/** What a registry over a store is made of. */
export interface StoreRegistryParts {
  readonly store: Store;
  readonly contents: StoreContents;
  readonly readable: Readable;
  /** Where what the store does not hold is read from; without it such names are not found. */
  readonly upstream?: Registry | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** One server's parts, with the host its own names begin with: `localhost:5000`. */
interface Desk extends StoreRegistryParts {
  readonly domain: string;
  readonly shelves: Shelves;
  readonly uploads: Uploads;
  readonly through: ReadThrough | undefined;
  readonly inTurn: (path: string) => Gate;
  /** Repositories that had a manifest since the server began: they stay known when the last one is deleted. */
  readonly seen: Set<string>;
}

/**
 * Serves a store as a registry that is pulled from and pushed to (distribution-spec v1.1, all four workflows), for several clients at once, until it is closed.
 * What is pushed is in the store, named `localhost:PORT/…`, when the answer goes out. Throws INPUT_INVALID if nobody can listen at the place.
 */
export async function serveStore(parts: StoreRegistryParts, place: Place): Promise<Listening> {
  const { store, contents, upstream } = parts;
  const shelves = shelvesOf(store, contents);
  const through = upstream && readThroughTo({ ...parts, registry: upstream });
  const uploads = uploadsInto(contents);
  const shared = { ...parts, shelves, through, uploads, inTurn: gates(1), seen: new Set<string>() };
  let domain = '';
  const listening = await listen(async (request, response) => {
    try {
      await answer(request, response, { ...shared, domain });
    } catch (error) {
      answerError(response, error);
    }
  }, place);
  domain = `localhost:${listening.port}`;
  return listening;
}

async function answer(request: IncomingMessage, response: ServerResponse, desk: Desk): Promise<void> {
  response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0');
  // A web page may send a request to this machine, not leave this header out.
  if (request.headers.origin !== undefined)
    throw new Refusal(403, 'DENIED', 'expected a registry client, found an Origin header: web pages are not served');
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://registry');
  const route = storeRouteOf(pathname);
  if (!route) throw new Refusal(404, 'NAME_UNKNOWN', 'no such endpoint');
  const allowed = METHODS[route.kind];
  if (!allowed.includes(request.method ?? ''))
    throw new Refusal(405, 'UNSUPPORTED', `${request.method} is not for this endpoint`, { Allow: allowed.join(', ') });
  if (route.kind === 'base') return json(response, {});
  if (route.kind === 'bad digest') throw new Refusal(400, 'DIGEST_INVALID', 'expected sha256:<64 hex digits>');
  const shelf = shelfIn(route.path, query, desk);
  const ask = { request, response, shelf, query };
  if (route.kind === 'manifest') return manifest(ask, route, desk);
  if (route.kind === 'blob') return blob(ask, route, desk);
  if (route.kind === 'tags') return tags(ask, route.path, desk);
  if (route.kind === 'uploads') return desk.uploads.begin(request, response, route.path, query);
  if (route.kind === 'upload') return desk.uploads.go(request, response, { ...route, query });
  return answerReferrers(response, { repository: shelf.own, digest: route.digest, query }, desk);
}

const METHODS: Readonly<Record<StoreRoute['kind'], readonly string[]>> = {
  base: ['GET', 'HEAD'],
  manifest: ['GET', 'HEAD', 'PUT', 'DELETE'],
  blob: ['GET', 'HEAD', 'DELETE'],
  tags: ['GET', 'HEAD'],
  uploads: ['POST'],
  upload: ['GET', 'HEAD', 'PATCH', 'PUT', 'DELETE'],
  referrers: ['GET', 'HEAD'],
  'bad digest': ['GET', 'HEAD', 'DELETE'],
};

interface Ask {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly shelf: Shelf;
  readonly query: URLSearchParams;
}

function shelfIn(path: string, query: URLSearchParams, { domain }: Desk): Shelf {
  return shelfOf(path, query.get('ns') ?? undefined, domain);
}

async function manifest(
  { request, response, shelf }: Ask,
  { path, reference }: { readonly path: string; readonly reference: string },
  desk: Desk,
): Promise<void> {
  if (request.method === 'PUT') {
    await putManifest(request, response, { shelf, path, reference }, desk);
    return void desk.seen.add(path);
  }
  if (request.method === 'DELETE') return deleteManifest(response, { shelf, reference }, desk);
  const found = (await desk.shelves.find(shelf, reference)) ?? (await fetched(shelf, reference, desk));
  if (!found) throw new Refusal(404, 'MANIFEST_UNKNOWN', `${path} has no ${reference}`);
  await send(request, response, found, { blobs: desk.store, type: found.mediaType });
}

async function fetched(
  { upstream }: Shelf,
  reference: string,
  { through, domain }: Desk,
): Promise<Descriptor | undefined> {
  // A name of our own is nowhere else.
  return upstream && upstream.domain !== domain ? through?.manifest(upstream, reference) : undefined;
}

async function blob(
  { request, response, shelf }: Ask,
  { path, digest }: { readonly path: string; readonly digest: Digest },
  { contents, store, through }: Desk,
): Promise<void> {
  if (request.method === 'DELETE') return deleteBlob(response, digest, contents);
  const type = 'application/octet-stream';
  const size = await contents.sizeOf(digest);
  if (size !== undefined) return send(request, response, { mediaType: type, digest, size }, { blobs: store, type });
  const known = shelf.upstream && through?.blob(shelf.upstream, digest);
  if (!known || !shelf.upstream || !through) throw new Refusal(404, 'BLOB_UNKNOWN', `${path} has no blob ${digest}`);
  await send(request, response, known, { blobs: through.source(shelf.upstream), type });
}

async function tags({ response, shelf, query }: Ask, path: string, { shelves, through, seen }: Desk): Promise<void> {
  const held = await shelves.tags(shelf);
  const others = shelf.upstream && through ? await through.tags(shelf.upstream).catch(refusing(held)) : [];
  const all = sortedTags([...held, ...others]);
  const known = all.length > 0 || seen.has(path) || (await shelves.namesIn(shelf.own)).length > 0;
  if (!known) throw new Refusal(404, 'NAME_UNKNOWN', `repository ${path} is not known here`);
  answerTags(response, path, all, query);
}

/** What is held is told where the upstream cannot be asked. */
const refusing = (held: readonly string[]) => (error: unknown) => {
  if (held.length === 0) throw error;
  return [];
};
