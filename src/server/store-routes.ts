import { type Digest, isDigest } from '../oci/digest.ts';
import { type Route, routeOf } from './routes.ts';

/** What a path asks of a registry that can be written to: what reading knows, uploads and referrers. */
export type StoreRoute =
  | Route
  | { readonly kind: 'uploads'; readonly path: string }
  | { readonly kind: 'upload'; readonly path: string; readonly id: string }
  | { readonly kind: 'referrers'; readonly path: string; readonly digest: Digest }
  | { readonly kind: 'bad digest'; readonly text: string };

const UPLOADS = /^\/v2\/(?<path>.+)\/blobs\/uploads(?:\/(?<id>[^/]*))?$/;
const OTHERS = /^\/v2\/(?<path>.+)\/(?<kind>blobs|referrers)\/(?<text>[^/]+)$/;

/** The route of a request path (distribution-spec v1.1, "Endpoints"); undefined for any other. */
export function storeRouteOf(pathname: string): StoreRoute | undefined {
  const upload = UPLOADS.exec(pathname)?.groups;
  if (upload) {
    const { path = '', id = '' } = upload;
    return id === '' ? { kind: 'uploads', path } : { kind: 'upload', path, id };
  }
  const known = routeOf(pathname);
  if (known) return known;
  const { path = '', kind, text = '' } = OTHERS.exec(pathname)?.groups ?? {};
  if (kind === undefined) return undefined;
  if (!isDigest(text)) return { kind: 'bad digest', text };
  return kind === 'referrers' ? { kind, path, digest: text } : undefined;
}
