import type { PullError } from '../errors.ts';
import type { Document } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { isImageConfigType } from '../oci/media-types.ts';
import { formatPlatform, normalizePlatform } from '../oci/platform.ts';
import { type Reference, withDefaultTag } from '../oci/reference.ts';
import type { Lock, LockedImage } from '../outcome.ts';
import type { Ports } from '../ports.ts';
import { lockKey } from '../settings/locked.ts';
import type { PullRequest } from '../settings.ts';
import { expandTags } from './all-tags.ts';
import { documentsOf } from './documents.ts';
import { conflict, lockedImage } from './locked.ts';
import { failureOf, newRun, type Run } from './run.ts';

/** What a lock file of the request is to hold, and the images nothing can be said of. */
export interface Locking {
  readonly lock: Lock;
  readonly failed: readonly { readonly key: string; readonly error: PullError }[];
}

/**
 * Asks the registries what each image of the request is now, for every platform it has, and pulls none of it: one HEAD a tag, an index or manifest that the store
 * lacks, and the config of an image without an index.
 */
export async function lockImages(request: PullRequest, ports: Ports): Promise<Locking> {
  const run = newRun(request, ports);
  const given = new Map<Digest, Document>();
  const documents = documentsOf(run, 'registry', given);
  const lock = new Map<string, LockedImage>();
  const failed: { key: string; error: PullError }[] = [];
  const wanted = await expandTags(run);
  await Promise.all(
    wanted.map(async (image) => {
      if ('error' in image) return failed.push(image);
      const reference = withDefaultTag(image.reference);
      const name = lockKey(reference);
      if (name === undefined) return;
      try {
        const digest = reference.digest ?? (await digestOf(reference, run, given));
        const read = await documents.read(reference, digest);
        const { content } = read;
        const isImage = content.kind === 'manifest' && isImageConfigType(content.config.mediaType);
        const platform = isImage ? await documents.platform(reference, content.config) : undefined;
        const locked = lockedImage(read, platform && formatPlatform(normalizePlatform(platform)));
        const error = conflict(name, lock.get(name)?.digest, digest);
        if (error) throw error;
        lock.set(name, locked);
      } catch (error) {
        failed.push({ key: image.key, error: failureOf(error, image.key) });
      }
    }),
  );
  return { lock, failed };
}

async function digestOf(reference: Reference, run: Run, given: Map<Digest, Document>): Promise<Digest> {
  const { registry } = run.ports;
  const answer = await run.gate(reference.domain)(() => registry.resolve(reference, reference.tag ?? 'latest'));
  if (answer.document) given.set(answer.digest, answer.document);
  return answer.digest;
}
