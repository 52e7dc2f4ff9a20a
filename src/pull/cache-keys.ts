import { type Digest, digestOf, hexOf, isDigest } from '../oci/digest.ts';
import { canonicalReference, type Reference } from '../oci/reference.ts';

/** The format of entries: another format is another prefix, so that no version ever reads what another wrote. */
const PREFIX = 'pull-image-v1';

/** The name of a blob in keys and among an entry's files: `sha256-<hex>`. */
export const blobName = (digest: Digest): string => digest.replace(':', '-');

/** The entry of one large layer, whatever images share it. */
export const layerKey = (digest: Digest): string => `${PREFIX}-${blobName(digest)}`;

/** The entry of one image's documents, config and smaller layers; `asked` is the platform as the request had it, or `all`. */
export const packKey = (target: Digest, asked: string): string => `${PREFIX}-pack-${hexOf(target)}-${slug(asked)}`;

/** What the keys of all pointers of a tag begin with; the newest one is the tag's last known digest. */
export const tagPrefix = (reference: Reference): string =>
  `${PREFIX}-tag-${hexOf(digestOf(canonicalReference(reference)))}-`;

/** The key of a tag pointer: it says all there is to say, so that a look-up suffices. `at` in milliseconds since the epoch. */
export const tagKey = (reference: Reference, digest: Digest, at: number): string =>
  `${tagPrefix(reference)}${Math.floor(at / 1000)}-${blobName(digest)}`;

/** What a tag pointer's key says; undefined if it is no pointer of this tag. `at` in milliseconds since the epoch. */
export function parseTagKey(
  reference: Reference,
  key: string,
): { readonly digest: Digest; readonly at: number } | undefined {
  const prefix = tagPrefix(reference);
  const found = key.startsWith(prefix) ? /^(\d{1,12})-(sha\d+)-([0-9a-f]+)$/.exec(key.slice(prefix.length)) : null;
  const digest = found && `${found[2]}:${found[3]}`;
  return found && isDigest(digest) ? { digest, at: Number(found[1]) * 1000 } : undefined;
}

/** Keys may hold no comma, and a runner of another OS must come to the same text. */
const slug = (asked: string): string =>
  asked
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^-+|-+$/g, '');
