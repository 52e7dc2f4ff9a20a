import { isCancelled, PullError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { BlobSource } from '../ports.ts';
import type { Answer, Divisible } from './remote.ts';
import { newWaits, pause, withItsWait } from './transport/retry.ts';
import { aboutBlob, begin, bytesHeld, type Session, sessionOf } from './upload-session.ts';

/** What is sent at once after a registry, or a proxy before it, found a request too large. */
const SMALL_CHUNK = 8 * 1024 * 1024;
/** What is sent at once after a break that cost all that was sent: the next one costs no more than this, where the registry keeps chunks. */
const CAREFUL_CHUNK = 16 * 1024 * 1024;
const TOO_LARGE = 413;
/** The upload is elsewhere than we thought, or gone. */
const MISPLACED: ReadonlySet<number> = new Set([404, 416]);
/** After a break also: the bytes of before and after do not fit, or chunks are not taken. */
const CONFUSED: ReadonlySet<number> = new Set([400, 404, 405, 416]);
const BINARY = { 'content-type': 'application/octet-stream' };

interface Sending {
  readonly remote: Divisible;
  readonly blob: Descriptor;
  readonly source: BlobSource;
  /** The most bytes of a request as long as nothing breaks. */
  largest: number;
  chunk: number;
  session: Session;
  broken: boolean;
}

/**
 * Sends the bytes of a blob (distribution-spec v1.1, "Pushing blobs"): in one PUT, or where it is larger than a chunk in PATCHes, ended by a PUT. After a break
 * it goes on where the registry says it stands, or in a new upload where the old one is gone: then in chunks of 16 MiB, and whole again where a break costs
 * those too. Five breaks in a row without progress end it; a chunk that brings the upload no further by what the registry says is one. A blob whose bytes are not what its digest says is never sent to its end in one PUT, and in chunks
 * it is the registry that refuses it.
 */
export async function sendBlob(
  remote: Divisible,
  blob: Descriptor,
  source: BlobSource,
  session: Session,
  chunkBytes: number,
): Promise<void> {
  const sending: Sending = { remote, blob, source, largest: chunkBytes, chunk: chunkBytes, session, broken: false };
  let fruitless = 0;
  let waits = newWaits();
  for (let farthest = 0; ; ) {
    const { offset } = sending.session;
    if (offset > farthest) [fruitless, waits] = [0, newWaits()];
    farthest = Math.max(farthest, offset);
    try {
      if (await sendNext(sending)) return;
    } catch (error) {
      fruitless += 1;
      if (!(await pause(fruitless, error, remote.retries, waits))) throw withItsWait(error, waits);
      sending.session = await takeUp(sending);
      sending.broken = true;
      if (sending.session.offset === 0) sending.chunk = otherWay(sending);
    }
  }
}

/** One request; true once the registry has the whole blob. */
async function sendNext(sending: Sending): Promise<boolean> {
  const { blob, session, remote } = sending;
  const { offset } = session;
  const chunk = Math.max(sending.chunk, session.leastChunk);
  const isLast = offset === blob.size || (offset === 0 && blob.size <= chunk);
  const end = isLast ? blob.size : Math.min(blob.size, offset + chunk);
  const answer = isLast ? await put(sending, offset) : await patch(sending, offset, end);
  const { status } = answer;
  if (isLast && (status === 201 || status === 204)) {
    await answer.discard();
    return true;
  }
  if (!isLast && status >= 200 && status < 300) {
    const held = Math.min(bytesHeld(answer) ?? end, blob.size);
    sending.session = await sessionOf(remote, answer, held, session);
    if (held > offset) return false;
    throw noFurther(sending, answer, `${offset}-${end - 1}`);
  }
  if (status === TOO_LARGE && chunk > SMALL_CHUNK) Object.assign(sending, { largest: SMALL_CHUNK, chunk: SMALL_CHUNK });
  else if (!(sending.broken ? CONFUSED : MISPLACED).has(status)) throw await answer.failure();
  // Another try may do, but not for ever.
  const { code, subject, reason, hint } = await answer.failure();
  throw new PullError(code, subject, reason, { hint, temporary: true });
}

/** Else a registry that takes every chunk, and keeps none, would be sent the same for ever. */
function noFurther({ remote, blob, session }: Sending, { url, status }: Answer, sent: string): PullError {
  const found = `${url.host} took bytes ${sent} of an upload (${status})`;
  const reason = `${found}, but says that it holds ${session.offset} bytes: expected more than before`;
  const hint = 'If this goes on, the registry, or a proxy before it, does not keep chunks: send larger ones.';
  return new PullError('REGISTRY_ANSWER', aboutBlob(remote, blob, '').target, reason, { hint, temporary: true });
}

/** How to send a blob again of which nothing is left: what was in vain is not done twice. */
const otherWay = ({ chunk, largest }: Sending): number =>
  chunk === largest ? Math.min(largest, CAREFUL_CHUNK) : largest;

function put({ remote, blob, session, source }: Sending, offset: number): Promise<Answer> {
  const at = new URL(session.location);
  at.searchParams.set('digest', blob.digest);
  const rest = blob.size - offset;
  const headers = { ...BINARY, 'content-length': String(rest) };
  const body = rest > 0 ? () => source.open(blob) : undefined;
  return remote.askOnce({ ...aboutBlob(remote, blob, at), method: 'PUT', headers, body, bulk: true });
}

function patch({ remote, blob, session, source }: Sending, start: number, end: number): Promise<Answer> {
  const headers = { ...BINARY, 'content-length': String(end - start), 'content-range': `${start}-${end - 1}` };
  const body = () => source.open(blob, { start, end });
  const about = aboutBlob(remote, blob, session.location);
  return remote.askOnce({ ...about, method: 'PATCH', headers, body, bulk: true });
}

/** Where the upload stands by what the registry says; a new one where it does not know of it any more. */
async function takeUp({ remote, blob, session }: Sending): Promise<Session> {
  try {
    const answer = await remote.askOnce({ ...aboutBlob(remote, blob, session.location) });
    const held = answer.status === 204 || answer.status === 200 ? bytesHeld(answer) : undefined;
    if (held !== undefined && held <= blob.size) return await sessionOf(remote, answer, held, session);
    await answer.discard();
  } catch (error) {
    if (!(error instanceof PullError) || isCancelled(error)) throw error;
  }
  return begin(remote, blob);
}
