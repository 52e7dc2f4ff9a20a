import { isCancelled, PullError, WRONG_BYTES } from '../errors.ts';
import type { Document } from '../oci/descriptor.ts';
import { type Algorithm, algorithmOf, type Digest, digestOf, isDigest } from '../oci/digest.ts';
import { MAX_DOCUMENT_BYTES } from '../oci/manifest.ts';
import { bareType, MANIFEST_ACCEPT } from '../oci/media-types.ts';
import { foundInstead, isLikeJson, isUsedUp } from './registry-error.ts';
import type { Answer, Remote } from './remote.ts';
import { takeBytes } from './transport/body.ts';
import { newWaits, onceMore } from './transport/retry.ts';
import { type Headers, header, type Waits } from './transport/transport.ts';

/**
 * Answers to HEAD after which a GET may still do: registries without HEAD, without words, or behind URLs signed for GET. After 429 the GET is for the words: a
 * quota that is used up is not charged for it, and where another limit lets it through, it brings what is needed next.
 */
const WORTH_A_GET = new Set([200, 400, 401, 403, 404, 405, 429]);

/** Answers of a storage host whose signed URL has run out; the registry hands out a new one. */
const EXPIRED = new Set([400, 401, 403, 404]);

/**
 * The digest a tag points to (distribution-spec v1.1, "Checking if content exists in the registry"): one HEAD where the registry names it there, else
 * the manifest is fetched and hashed, and comes along. Throws MANIFEST_INVALID for words where a manifest should be, twice.
 */
export async function resolveTag(
  remote: Remote,
  tag: string,
  waits: Waits,
): Promise<{ digest: Digest; document?: Document }> {
  const target = `${remote.name}:${tag}`;
  const ask = (method: 'GET' | 'HEAD') => askManifest(remote, { method, reference: tag, target, waits });
  const head = await ask('HEAD');
  const named = header(head.headers, 'docker-content-digest');
  if (head.status === 200 && isDigest(named)) {
    await head.discard();
    return { digest: named };
  }
  if (!WORTH_A_GET.has(head.status) || isOver(head)) throw await head.failure();
  await head.discard();
  const document = await onceMore(remote.retries, ['MANIFEST_INVALID'], async () => {
    const answer = await ask('GET');
    const read = await readDocument(answer, algorithmIn(answer.headers));
    // Words are no manifest, whatever they hash to.
    if (isLikeJson(read.bytes)) return read;
    const { found, hint } = foundInstead(read.bytes);
    const reason = `expected a manifest for ${target}, found ${found} from ${answer.url.host}`;
    throw new PullError('MANIFEST_INVALID', remote.name, reason, { hint });
  });
  return { digest: document.digest, document };
}

/** The manifest or index with this digest as the bytes received; throws DIGEST_MISMATCH if they hash to another, twice. */
export function fetchManifest(remote: Remote, digest: Digest): Promise<Document> {
  const waits = newWaits();
  return onceMore(remote.retries, ['DIGEST_MISMATCH'], () => askDocument(remote, digest, waits));
}

async function askDocument(remote: Remote, digest: Digest, waits: Waits): Promise<Document> {
  const answer = await askManifestOrBlob(remote, digest, waits);
  const document = await readDocument(answer, algorithmOf(digest));
  if (document.digest === digest) return document;
  const size = document.bytes.byteLength;
  const { host } = answer.url;
  const instead = isLikeJson(document.bytes) ? undefined : foundInstead(document.bytes);
  const found = instead ? `${instead.found} from ${host}` : `${document.digest} (${size} bytes from ${host})`;
  const hint = instead ? instead.hint : WRONG_BYTES;
  const reason = `expected a manifest with the digest ${digest}, found ${found}`;
  throw new PullError('DIGEST_MISMATCH', remote.name, reason, { hint });
}

/** A registry that keeps the children of an index as blobs says 404 to the first question, as to one for what it does not have: then its words count. */
async function askManifestOrBlob(remote: Remote, digest: Digest, waits: Waits): Promise<Answer> {
  const asked = byDigest(remote, digest);
  const answer = await askManifest(remote, { ...asked, method: 'GET', waits });
  if (answer.status !== 404) return answer;
  const failure = await answer.failure();
  const limit = MAX_DOCUMENT_BYTES;
  const blob = await remote
    .ask({ kind: 'blob', at: `blobs/${digest}`, target: asked.target, limit })
    .catch((error: unknown) => {
      throw isCancelled(error) ? error : failure;
    });
  if (blob.status === 200) return blob;
  await blob.discard();
  throw failure;
}

const byDigest = ({ name }: Remote, digest: Digest) => ({ reference: digest, target: `${name}@${digest}` });

/** True if the registry has the manifest for whoever asks: one HEAD, a GET where that is too many, and any other answer is no. */
export async function hasManifest(remote: Remote, digest: Digest): Promise<boolean> {
  try {
    const waits = newWaits();
    const head = await askManifest(remote, { ...byDigest(remote, digest), method: 'HEAD', waits });
    await head.discard();
    if (head.status !== 429 || isOver(head)) return head.status === 200;
    const answer = await askManifest(remote, { ...byDigest(remote, digest), method: 'GET', waits });
    await answer.discard();
    return answer.status === 200;
  } catch (error) {
    if (error instanceof PullError && error.code !== 'CANCELLED') return false;
    throw error;
  }
}

const isOver = ({ status, headers }: Answer): boolean => status === 429 && isUsedUp(headers);

interface Asking {
  readonly method: 'GET' | 'HEAD';
  /** A tag or a digest. */
  readonly reference: string;
  readonly target: string;
  readonly waits: Waits;
}

async function askManifest(remote: Remote, { method, reference, target, waits }: Asking): Promise<Answer> {
  const ask = () =>
    remote.ask({
      kind: 'manifest',
      method,
      at: `manifests/${reference}`,
      target,
      waits,
      headers: { accept: MANIFEST_ACCEPT },
      limit: MAX_DOCUMENT_BYTES,
    });
  const answer = await ask();
  if (method === 'HEAD' || !EXPIRED.has(answer.status) || answer.url.origin === answer.asked.origin) return answer;
  await answer.discard();
  return ask();
}

/** The header is a hint at the algorithm and no more: what it says is often wrong, and never checked by who sends it. */
function algorithmIn(headers: Headers): Algorithm {
  const named = header(headers, 'docker-content-digest');
  return isDigest(named) ? algorithmOf(named) : 'sha256';
}

async function readDocument(answer: Answer, algorithm: Algorithm): Promise<Document> {
  if (answer.status !== 200) throw await answer.failure();
  const { bytes } = await takeBytes(answer.body, MAX_DOCUMENT_BYTES);
  return { mediaType: bareType(header(answer.headers, 'content-type')), digest: digestOf(bytes, algorithm), bytes };
}
