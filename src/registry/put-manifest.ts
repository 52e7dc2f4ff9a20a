import { PullError } from '../errors.ts';
import type { Document } from '../oci/descriptor.ts';
import { isDigest } from '../oci/digest.ts';
import type { Remote } from './remote.ts';
import { header } from './transport/transport.ts';
import { ANSWER_LIMIT } from './upload-session.ts';

const TAKEN = new Set([200, 201, 202, 204]);

/**
 * Puts a document under a tag, or without one under its digest (distribution-spec v1.1, "Pushing Manifests"). Throws DIGEST_MISMATCH if the registry says that
 * it has another one, which is one that changes what is pushed.
 */
export async function putManifest(remote: Remote, document: Document, tag?: string): Promise<void> {
  const { mediaType, digest, bytes } = document;
  const answer = await remote.ask({
    kind: 'manifest',
    method: 'PUT',
    at: `manifests/${tag ?? digest}`,
    target: tag === undefined ? `${remote.name}@${digest}` : `${remote.name}:${tag}`,
    headers: { 'content-type': mediaType, 'content-length': String(bytes.byteLength) },
    body: bytes,
    limit: ANSWER_LIMIT,
  });
  if (!TAKEN.has(answer.status)) throw await answer.failure();
  await answer.discard();
  const named = header(answer.headers, 'docker-content-digest');
  if (!isDigest(named) || named === digest || named.split(':')[0] !== digest.split(':')[0]) return;
  const reason = `${answer.url.host} was given the manifest ${digest} and says that it has ${named}`;
  throw new PullError('DIGEST_MISMATCH', remote.name, reason);
}
