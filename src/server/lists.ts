import type { ServerResponse } from 'node:http';
import type { Digest } from '../oci/digest.ts';
import { OCI_INDEX } from '../oci/media-types.ts';
import type { Repository } from '../oci/reference.ts';
import { type Referrer, referrerOf, referrersJson } from '../oci/referrer.ts';
import type { Store } from '../ports.ts';
import { json } from './answers.ts';
import { readStored } from './naming.ts';
import { Refusal } from './refusal.ts';
import type { Shelves } from './shelf.ts';

/** What a client wants of a list: so many, and what comes behind the last it knows. */
export interface Page {
  readonly n: string | null;
  readonly last: string | null;
}

/** The page that a query asks for; refuses an `n` that is no number with 400. */
export function pageOf(query: URLSearchParams): Page {
  const n = query.get('n');
  if (n !== null && !/^\d{1,9}$/.test(n))
    throw new Refusal(400, 'PAGINATION_NUMBER_INVALID', 'n: expected how many tags to list');
  return { n, last: query.get('last') };
}

/** Answers with tags, all or a page of them, and where the next is: `Link` (distribution-spec v1.1, "Listing Tags"). */
export function answerTags(response: ServerResponse, path: string, tags: readonly string[], { n, last }: Page): void {
  const rest = last === null ? tags : tags.slice(firstBehind(tags, last));
  const page = n === null ? rest : rest.slice(0, Number(n));
  const end = page.at(-1);
  const more = end !== undefined && page.length < rest.length;
  const next = `/v2/${path}/tags/list?n=${n}&last=${encodeURIComponent(end ?? '')}`;
  json(response, { name: path, tags: page }, 200, more ? { Link: `<${next}>; rel="next"` } : {});
}

/** `last` need not be a tag any more. */
function firstBehind(tags: readonly string[], last: string): number {
  const exact = tags.indexOf(last);
  if (exact >= 0) return exact + 1;
  const found = tags.findIndex((tag) => tag.toLowerCase() > last.toLowerCase());
  return found < 0 ? tags.length : found;
}

/** Answers with the manifests of the repository whose subject this is (distribution-spec v1.1, "Listing Referrers"); with none if it is not known. */
export async function answerReferrers(
  response: ServerResponse,
  {
    repository,
    digest,
    query,
  }: { readonly repository: Repository; readonly digest: Digest; readonly query: URLSearchParams },
  { store, shelves }: { readonly store: Store; readonly shelves: Shelves },
): Promise<void> {
  const type = query.get('artifactType');
  const found = new Map<Digest, Referrer>();
  for (const { target } of await shelves.namesIn(repository)) {
    const stored = await readStored(store, target);
    const referrer = stored && referrerOf(stored.document, target.digest);
    if (referrer?.subject === digest && (type === null || referrer.descriptor.artifactType === type))
      found.set(target.digest, referrer);
  }
  const text = referrersJson([...found.values()]);
  const filtered = type === null ? {} : { 'OCI-Filters-Applied': 'artifactType' };
  response
    .writeHead(200, { 'Content-Type': OCI_INDEX, 'Content-Length': Buffer.byteLength(text), ...filtered })
    .end(text);
}
