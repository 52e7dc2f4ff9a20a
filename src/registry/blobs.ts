import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Answer, Remote } from './remote.ts';
import { isProgress, pause } from './transport/retry.ts';
import { header, headerValues } from './transport/transport.ts';

/** The most bytes that are fetched again and dropped where a registry does not resume. */
const MAX_DISCARDED = 8 * 1024 * 1024;
/** Answers of a storage host whose signed URL has run out; the registry hands out a new one. */
const EXPIRED = new Set([400, 401, 403, 404]);

/** Where a transfer stands. */
interface Transfer {
  readonly remote: Remote;
  readonly blob: Descriptor;
  /** Bytes handed on so far. */
  received: number;
  /** False once the registry said that it has no such range. */
  ranges: boolean;
}

/**
 * The bytes of a blob as they arrive, unverified, at most one chunk more than its size (distribution-spec v1.1, "Pulling blobs"). After a break it
 * goes on where it stopped; five breaks in a row without progress end it. Throws SIZE_MISMATCH as soon as the registry announces another size.
 */
export async function* streamBlob(remote: Remote, blob: Descriptor): AsyncGenerator<Uint8Array, void, undefined> {
  const transfer: Transfer = { remote, blob, received: 0, ranges: true };
  let fruitless = 0;
  while (transfer.received < blob.size) {
    const before = transfer.received;
    const answer = await open(transfer);
    let broken: unknown;
    if (answer) {
      try {
        yield* rest(answer, transfer);
      } catch (error) {
        broken = error;
      }
      if (transfer.received >= blob.size) return;
    }
    fruitless = isProgress(transfer.received - before, blob.size) ? 1 : fruitless + 1;
    // An end that is no break, twice at the same place: the blob is shorter than promised, and the store will say so.
    if (answer && broken === undefined && fruitless > 1) return;
    const failure = broken === undefined ? short(transfer) : cutShort(broken, transfer);
    if (!(await pause(fruitless, failure, remote.retries))) throw failure;
  }
}

/** The answer that holds the rest of the blob; undefined if the same must be asked without a range. */
async function open(transfer: Transfer): Promise<Answer | undefined> {
  let answer = await request(transfer);
  if (EXPIRED.has(answer.status) && answer.url.origin !== answer.asked.origin) {
    await answer.discard();
    answer = await request(transfer);
  }
  const { status } = answer;
  const { received, blob } = transfer;
  if (status === 206 && received > 0 && transfer.ranges) {
    if (isRangeAsked(answer, transfer)) return checkLength(answer, transfer, blob.size - received);
    if (received > MAX_DISCARDED) throw await wrongRange(answer, transfer);
    transfer.ranges = false;
    await answer.discard();
    return undefined;
  }
  if (status === 200) {
    if (received > MAX_DISCARDED) throw await unresumable(answer, transfer);
    return checkLength(answer, transfer, blob.size);
  }
  if (status === 416 && transfer.ranges) {
    transfer.ranges = false;
    await answer.discard();
    return undefined;
  }
  throw await answer.failure();
}

function request({ remote, blob, received, ranges }: Transfer): Promise<Answer> {
  return remote.ask({
    kind: 'blob',
    at: `blobs/${blob.digest}`,
    target: `${remote.name}@${blob.digest}`,
    headers: received > 0 && ranges ? { range: `bytes=${received}-${blob.size - 1}` } : {},
  });
}

/** What of the answer has not been handed on yet; stops after the first chunk beyond the size. */
async function* rest(answer: Answer, transfer: Transfer): AsyncGenerator<Uint8Array, void, undefined> {
  let known = answer.status === 206 ? 0 : transfer.received;
  for await (const chunk of answer.body) {
    const fresh = chunk.subarray(Math.min(known, chunk.byteLength));
    known -= chunk.byteLength - fresh.byteLength;
    if (fresh.byteLength === 0) continue;
    transfer.received += fresh.byteLength;
    yield fresh;
    if (transfer.received > transfer.blob.size) return;
  }
}

const rangeWanted = ({ received, blob }: Transfer): string => `bytes ${received}-${blob.size - 1}/${blob.size}`;

function isRangeAsked({ headers }: Answer, transfer: Transfer): boolean {
  const found = headerValues(headers, 'content-range');
  return found.length === 1 && found[0]?.trim().toLowerCase() === rangeWanted(transfer);
}

async function wrongRange(answer: Answer, transfer: Transfer): Promise<PullError> {
  await answer.discard();
  const answered = clean(headerValues(answer.headers, 'content-range').join(', '), 200) || 'none';
  const reason = `${answer.url.host} was asked to resume ${transfer.blob.digest}: expected Content-Range ${rangeWanted(transfer)}, found ${answered}`;
  return new PullError('REGISTRY_ANSWER', transfer.remote.name, reason);
}

async function checkLength(answer: Answer, { remote, blob }: Transfer, expected: number): Promise<Answer> {
  const length = header(answer.headers, 'content-length');
  if (length === undefined || Number(length) === expected) return answer;
  await answer.discard();
  const reason = `blob ${blob.digest}: expected ${expected} bytes, found ${Number(length)} announced by ${answer.url.host}`;
  throw new PullError('SIZE_MISMATCH', remote.name, reason);
}

async function unresumable(answer: Answer, { remote, blob, received }: Transfer): Promise<PullError> {
  await answer.discard();
  const reason = `${answer.url.host} broke off blob ${blob.digest} at ${received} of ${blob.size} bytes and does not resume`;
  return new PullError('UNAVAILABLE', remote.name, reason);
}

/** Only what broke while bytes were coming: an answer that never came has its own words. */
function cutShort(broken: unknown, { remote, blob, received }: Transfer): unknown {
  if (!(broken instanceof PullError) || broken.code !== 'UNAVAILABLE') return broken;
  const reason = `${broken.reason}; blob ${blob.digest}: expected ${blob.size} bytes, found ${received}`;
  return new PullError(broken.code, remote.name, reason, { temporary: broken.temporary, cause: broken });
}

function short({ remote, blob, received }: Transfer): PullError {
  const reason = `blob ${blob.digest} ended early: expected ${blob.size} bytes, found ${received}`;
  return new PullError('UNAVAILABLE', remote.name, reason, { temporary: true });
}
