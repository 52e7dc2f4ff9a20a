import { type Server, serve } from '../../src/server/server.ts';
import type { ImageBag } from './image-builder.ts';

/** The server of the action itself, and what it was asked so far, as `GET /v2/…`. */
export interface ServedBag extends Server {
  readonly requests: readonly string[];
}

/** Serves a bag of images; to be closed by the test. */
export async function servedBag({ catalog, source }: ImageBag): Promise<ServedBag> {
  const requests: string[] = [];
  return { ...(await serve(catalog, source, (request) => requests.push(request))), requests };
}
