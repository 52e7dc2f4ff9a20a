import { type Digest, isDigest } from '../oci/digest.ts';

/** What a path of the distribution spec asks for. */
export type Route =
  | { readonly kind: 'manifest'; readonly path: string; readonly reference: string }
  | { readonly kind: 'blob'; readonly path: string; readonly digest: Digest }
  | { readonly kind: 'tags'; readonly path: string }
  | { readonly kind: 'base' };

/** Where a request goes; a path that begins with two slashes names no other host. */
export const urlOf = ({ url = '/' }: { readonly url?: string | undefined }): URL =>
  new URL(url.startsWith('/') ? `http://registry${url}` : url, 'http://registry');

/** The route of a request path (distribution-spec v1.1, "Endpoints" end-1 to end-8, reading only); undefined for any other. */
export function routeOf(pathname: string): Route | undefined {
  if (pathname === '/v2/' || pathname === '/v2') return { kind: 'base' };
  const found = /^\/v2\/(?<path>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)\/(?<kind>manifests|blobs|tags)\/(?<name>[^/]+)$/.exec(
    pathname,
  )?.groups;
  const { path, kind, name } = { path: '', kind: '', name: '', ...found };
  if (kind === 'manifests') return { kind: 'manifest', path, reference: name };
  if (kind === 'blobs' && isDigest(name)) return { kind: 'blob', path, digest: name };
  if (kind === 'tags' && name === 'list') return { kind: 'tags', path };
  return undefined;
}
