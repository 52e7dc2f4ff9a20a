import { isCancelled, PullError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Repository } from '../oci/reference.ts';
import type { Answer, Divisible, Question, Remote } from './remote.ts';
import { header } from './transport/transport.ts';

/** An upload that the registry has begun: where what comes next is to be sent, and how many bytes are there. */
export interface Session {
  readonly location: URL;
  readonly offset: number;
  /** The least bytes of a chunk, if the registry said so (`OCI-Chunk-Min-Length`); the last one may be smaller. */
  readonly leastChunk: number;
}

export const ANSWER_LIMIT = 64 * 1024;

/** A question about one blob. */
export function aboutBlob(remote: Remote, { digest }: Descriptor, at: string | URL): Question {
  return { kind: 'blob', at, target: `${remote.name}@${digest}`, limit: ANSWER_LIMIT };
}

/** True if the repository has the blob (distribution-spec v1.1, "Checking if content exists in the registry"): one HEAD. */
export async function hasBlob(remote: Remote, blob: Descriptor): Promise<boolean> {
  const answer = await remote.ask({ ...aboutBlob(remote, blob, `blobs/${blob.digest}`), method: 'HEAD' });
  await answer.discard();
  if (answer.status === 200) return true;
  // A login without the right to read may have that to write; a name that nobody pushed to yet may look forbidden.
  if ([404, 401, 403, 405].includes(answer.status)) return false;
  throw await answer.failure();
}

/** Begins an upload (distribution-spec v1.1, "Obtaining a session ID"). */
export async function begin(remote: Remote, blob: Descriptor): Promise<Session> {
  const answer = await remote.ask({ ...aboutBlob(remote, blob, 'blobs/uploads/'), method: 'POST' });
  if (answer.status !== 202) throw await answer.failure();
  return await sessionOf(remote, answer, 0);
}

/**
 * Has the registry take the blob from another of its repositories ("Mounting a blob from another repository"). The session that it begins instead where it
 * does not; undefined for any failure, since the bytes can still be sent.
 */
export async function mount(
  remote: Divisible,
  blob: Descriptor,
  from: Repository,
): Promise<'mounted' | Session | undefined> {
  const query = new URLSearchParams({ mount: blob.digest, from: from.path });
  try {
    const at = `blobs/uploads/?${query}`;
    const answer = await remote.askOnce({ ...aboutBlob(remote, blob, at), method: 'POST' });
    if (answer.status === 202) return await sessionOf(remote, answer, 0);
    await answer.discard();
    return answer.status === 201 ? 'mounted' : undefined;
  } catch (error) {
    if (!(error instanceof PullError) || isCancelled(error)) throw error;
    return undefined;
  }
}

/** Where an upload stands after an answer, which may name a new place for what comes next. */
export async function sessionOf(remote: Remote, answer: Answer, offset: number, known?: Session): Promise<Session> {
  const { headers, url } = answer;
  await answer.discard();
  const named = header(headers, 'location');
  const location = named !== undefined && URL.canParse(named, url.href) ? new URL(named, url) : known?.location;
  if (location === undefined) {
    const found = named === undefined ? 'none' : 'one that is no URL';
    const reason = `${url.host} began an upload: expected a Location for what comes next, found ${found}`;
    throw new PullError('REGISTRY_ANSWER', remote.name, reason);
  }
  const least = Number(header(headers, 'oci-chunk-min-length'));
  return { location, offset, leastChunk: Number.isSafeInteger(least) && least > 0 ? least : (known?.leastChunk ?? 0) };
}

/** How many bytes the registry says it has, by `Range: 0-<last>`; undefined if it does not say. */
export function bytesHeld(answer: Answer): number | undefined {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(header(answer.headers, 'range')?.trim() ?? '')?.[1];
  if (last === undefined) return undefined;
  // `0-0` is what registries write for nothing at all, and would also be one byte: to have nothing is the safe reading.
  return last === '0' ? 0 : Number(last) + 1;
}
