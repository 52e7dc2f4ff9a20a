import type { IncomingMessage, ServerResponse } from 'node:http';
import { gates } from '../lib/pool.ts';
import { recent } from '../lib/recent.ts';
import type { Digest } from '../oci/digest.ts';
import { json } from './answers.ts';
import { deleteBlob, deleteManifest } from './deletes.ts';
import type { Ask, Desk, StoreRegistryParts } from './desk.ts';
import { type Listening, listen, type Place } from './listen.ts';
import { answerReferrers } from './lists.ts';
import { putManifest } from './put-manifest.ts';
import { readThroughTo } from './read-through.ts';
import { answerBlob, answerManifest, answerTagList, bringBlob } from './reading.ts';
import { answerError, Refusal } from './refusal.ts';
import { urlOf } from './routes.ts';
import { shelfOf, shelvesOf } from './shelf.ts';
import { type StoreRoute, storeRouteOf } from './store-routes.ts';
import { uploadsInto } from './take-uploads.ts';
import { toldBy } from './told.ts';
import { signOfPage } from './web-page.ts';

/**
 * Serves a store as a registry that is pulled from and pushed to (distribution-spec v1.1, all four workflows), for several clients at once, until it is closed.
 * What is pushed is in the store, named `localhost:PORT/…`, when the answer goes out. Throws INPUT_INVALID if nobody can listen at the place.
 */
export async function serveStore(parts: StoreRegistryParts, place: Place): Promise<Listening> {
  const { store, contents, upstream } = parts;
  const shelves = shelvesOf(store, contents);
  const through = upstream && readThroughTo({ ...parts, registry: upstream });
  const told = toldBy(parts);
  const uploads = uploadsInto(contents, told);
  const shared = {
    ...parts,
    shelves,
    through,
    uploads,
    told,
    inTurn: gates(1),
    seen: new Set<string>(),
    pushed: recent(10_000),
  };
  let domain = '';
  const listening = await listen(async (request, response) => {
    try {
      await answer(request, response, { ...shared, domain });
    } catch (error) {
      answerError(response, error);
    }
  }, place);
  domain = `localhost:${listening.port}`;
  return {
    port: listening.port,
    async close() {
      await listening.close();
      await uploads.end();
      await told.end();
      await through?.settled();
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, desk: Desk): Promise<void> {
  response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0');
  refuseStrangers(request, desk);
  const { pathname, searchParams: query } = urlOf(request);
  const route = storeRouteOf(pathname);
  if (!route) throw new Refusal(404, 'NAME_UNKNOWN', 'no such endpoint');
  const allowed = METHODS[route.kind];
  if (!allowed.includes(request.method ?? ''))
    throw new Refusal(405, 'UNSUPPORTED', `${request.method} is not for this endpoint`, { Allow: allowed.join(', ') });
  if (route.kind === 'base') return json(response, {});
  if (route.kind === 'bad digest') throw new Refusal(400, 'DIGEST_INVALID', 'expected sha256:<64 hex digits>');
  const shelf = shelfOf(route.path, query.get('ns') ?? undefined, desk.domain);
  const ask = { request, response, shelf, query };
  if (route.kind === 'manifest') return manifest(ask, route, desk);
  if (route.kind === 'blob' && request.method === 'DELETE') return deleteBlob(response, route.digest, desk);
  if (route.kind === 'blob') return answerBlob(ask, route, desk);
  if (route.kind === 'tags') return answerTagList(ask, route.path, desk);
  if (route.kind === 'uploads') {
    desk.pushed.add(route.path);
    return desk.uploads.begin(request, response, route.path, query);
  }
  if (route.kind === 'upload') return desk.uploads.go(request, response, { ...route, query });
  return answerReferrers(response, { repository: shelf.own, digest: route.digest, query }, desk);
}

async function manifest(
  ask: Ask,
  at: { readonly path: string; readonly reference: string },
  desk: Desk,
): Promise<void> {
  const { request, response, shelf } = ask;
  if (request.method === 'DELETE') return deleteManifest(response, { shelf, reference: at.reference }, desk);
  if (request.method !== 'PUT') return answerManifest(ask, at, desk);
  const bring = (digest: Digest) => bringBlob(shelf, digest, desk);
  await putManifest(request, response, { shelf, ...at }, { ...desk, bring });
  desk.seen.add(at.path);
}

function refuseStrangers({ headers }: IncomingMessage, { userAgent }: Desk): void {
  const sign = signOfPage(headers);
  if (sign) throw new Refusal(403, 'DENIED', `expected a registry client, found ${sign}: web pages are not served`);
  if (userAgent !== undefined && headers['user-agent'] === userAgent)
    throw new Refusal(421, 'UNSUPPORTED', 'this server asks itself: it is among the mirrors it reads through');
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
