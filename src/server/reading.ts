import { PullError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { isTag, type Repository } from '../oci/reference.ts';
import { send } from './answers.ts';
import type { Ask, Desk } from './desk.ts';
import { answerTags, pageOf } from './lists.ts';
import type { ReadThrough } from './read-through.ts';
import { Refusal } from './refusal.ts';
import { type Shelf, sortedTags } from './shelf.ts';

/** Answers with the manifest or index of a tag or digest: what the store holds, else what upstream has. */
export async function answerManifest(
  { request, response, shelf }: Ask,
  { path, reference }: { readonly path: string; readonly reference: string },
  desk: Desk,
): Promise<void> {
  const held = await desk.shelves.find(shelf, reference);
  if (held) desk.through?.held(held.digest);
  const found =
    held ?? (await fetched(shelf, reference, desk).catch(unlessPushing(request.method, path, reference, desk)));
  if (!found) throw new Refusal(404, 'MANIFEST_UNKNOWN', `${path} has no ${reference}`);
  await send(request, response, found, { blobs: desk.store, type: found.mediaType });
}

/** Who pushes asks first what is here, and takes no other answer for no: upstream may know nothing of the name, keep it to itself, or not be reached. */
function unlessPushing(method: string | undefined, path: string, reference: string, { pushed }: Desk) {
  return (error: unknown): undefined => {
    const isNo = error instanceof PullError && NO.has(error.code);
    if (method !== 'HEAD' || !(isNo || isDigest(reference) || pushed.has(path))) throw error;
  };
}

/** What a registry says of a repository that it has not, or does not show. */
const NO: ReadonlySet<string> = new Set(['UNAUTHORIZED', 'DENIED', 'NAME_UNKNOWN']);

/** Answers with a blob: out of the store, else of upstream if an image of the repository has it. What goes wrong before its first byte is said in words. */
export async function answerBlob(
  { request, response, shelf }: Ask,
  { path, digest }: { readonly path: string; readonly digest: Digest },
  desk: Desk,
): Promise<void> {
  const type = 'application/octet-stream';
  const isPush = request.method === 'HEAD';
  if (isPush) desk.pushed.add(path);
  const size = await (isPush ? desk.told.sizeOf(path, digest) : desk.contents.sizeOf(digest));
  if (size !== undefined) {
    desk.through?.held(digest);
    return send(request, response, { mediaType: type, digest, size }, { blobs: desk.store, type });
  }
  const there = elsewhere(shelf, desk);
  const known = there && (await knownBlob(there, digest, desk));
  if (!known) throw new Refusal(404, 'BLOB_UNKNOWN', `${path} has no blob ${digest}`);
  const { through, upstream } = there;
  if (request.method === 'GET') await through.begin(upstream, known);
  await send(request, response, known, { blobs: through.source(upstream), type });
}

/** Has a blob in the store if an image of the repository upstream has it. Throws what upstream does. */
export async function bringBlob(shelf: Shelf, digest: Digest, desk: Desk): Promise<void> {
  const there = elsewhere(shelf, desk);
  const known = there && (await knownBlob(there, digest, desk));
  if (known) for await (const _ of there.through.source(there.upstream).open(known));
}

/** Answers with the tags of a repository, here and upstream. */
export async function answerTagList({ response, shelf, query }: Ask, path: string, desk: Desk): Promise<void> {
  const { shelves, seen } = desk;
  // What can be refused without upstream is.
  const page = pageOf(query);
  const held = await shelves.tags(shelf);
  const there = elsewhere(shelf, desk);
  const others = there ? await there.through.tags(there.upstream).catch(refusing(held)) : [];
  const all = sortedTags([...held, ...others]);
  const known = all.length > 0 || seen.has(path) || (await shelves.namesIn(shelf.own)).length > 0;
  if (!known) throw new Refusal(404, 'NAME_UNKNOWN', `repository ${path} is not known here`);
  answerTags(response, path, all, page);
}

interface There {
  readonly through: ReadThrough;
  readonly upstream: Repository;
}

/** Where a name is read from that is not here; one of our own is nowhere else. */
function elsewhere({ upstream }: Shelf, { through, domain, isOwn }: Desk): There | undefined {
  if (!through || !upstream || upstream.domain === domain || isOwn?.(upstream.domain)) return undefined;
  return { through, upstream };
}

async function fetched(shelf: Shelf, reference: string, desk: Desk): Promise<Descriptor | undefined> {
  // What no registry can have is not sent to any: it might lead elsewhere there.
  if (!isDigest(reference) && !isTag(reference)) return undefined;
  const there = elsewhere(shelf, desk);
  if (there && isDigest(reference)) await learn(there, desk);
  return there?.through.manifest(there.upstream, reference);
}

async function knownBlob(there: There, digest: Digest, desk: Desk): Promise<Descriptor | undefined> {
  const known = there.through.blob(there.upstream, digest);
  if (known) return known;
  await learn(there, desk);
  return there.through.blob(there.upstream, digest);
}

/** What the store holds of a repository may have come before this server began, or by another process. */
const learn = async ({ through, upstream }: There, { shelves }: Desk): Promise<void> =>
  through.learn(upstream, await shelves.namesIn(upstream));

/** What is held is told where the upstream cannot be asked. */
const refusing = (held: readonly string[]) => (error: unknown) => {
  if (held.length === 0) throw error;
  return [];
};
