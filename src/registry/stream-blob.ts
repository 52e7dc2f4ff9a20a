import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { ByteRange } from '../ports.ts';
import type { Answer, Remote } from './remote.ts';
import { header, headerValues } from './transport/transport.ts';
import { newTries } from './transport/tries.ts';
import type { Turns } from './transport/turns.ts';

/** Answers of a storage host whose signed URL has run out; the registry hands out a new one. */
export const EXPIRED: ReadonlySet<number> = new Set([400, 401, 403, 404]);

/** Where a transfer stands. */
interface Transfer {
  readonly remote: Remote;
  readonly blob: Descriptor;
  /** Bytes handed on so far. */
  received: number;
  /** False once the registry said that it has no such range. */
  ranges: boolean;
  /** Bytes that the last answer brought again. */
  repeated: number;
  readonly turns: Turns | undefined;
  readonly bulk: boolean;
}

/** Where to begin, if something went before. */
export interface Beginning {
  /** Bytes from the start that are here already. */
  readonly received?: number;
  /** False if the registry refused a range of this blob, or is not to be trusted with one. */
  readonly ranges?: boolean;
  /** The answer to a range that may be the whole blob. */
  readonly answer?: Answer | undefined;
  /** Whom it shares the connections to the host with. */
  readonly turns?: Turns | undefined;
  /** True as long as somebody else may be asked for the rest; nobody by default. */
  readonly others?: (() => boolean) | undefined;
  /** False if it is so small that it goes over the connections of small requests, and waits behind no blob. */
  readonly bulk?: boolean;
}

/**
 * The bytes of a blob as they arrive, unverified, at most one chunk more than its size (distribution-spec v1.1, "Pulling blobs"). After a break it
 * goes on where it stopped, or, where the registry has no ranges, begins again and drops what it has; five breaks in a row without progress end it. Throws
 * SIZE_MISMATCH as soon as the registry announces another size.
 */
export async function* streamBlob(
  remote: Remote,
  blob: Descriptor,
  { received = 0, ranges = true, answer: opened, turns, others, bulk = true }: Beginning = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const transfer: Transfer = { remote, blob, received, ranges, repeated: 0, turns, bulk };
  const tries = newTries(remote.retries, blob.size, turns, others);
  for (let given = opened; transfer.received < blob.size; given = undefined) {
    const before = transfer.received;
    const startedAt = remote.retries.now();
    transfer.repeated = 0;
    const answer = (await open(transfer, given)) ?? (await open(transfer, undefined));
    let broken: unknown;
    if (answer) {
      try {
        yield* rest(answer, transfer);
      } catch (error) {
        broken = error;
      }
      if (transfer.received >= blob.size) return;
    }
    const fresh = transfer.received - before;
    const fruitless = tries.count({ fresh, of: blob.size - before, repeated: transfer.repeated, startedAt });
    // An end that is no break, twice at the same place: the blob is shorter than promised, and the store will say so.
    if (answer && broken === undefined && fruitless > 1) return;
    const failure = brokenOff(broken, transfer);
    if (!(await tries.pause(failure))) throw tries.last(failure);
  }
}

/** The answer that holds the rest of the blob, or all of it; undefined if the same must be asked without a range. */
async function open(transfer: Transfer, given: Answer | undefined): Promise<Answer | undefined> {
  let answer = given ?? (await request(transfer));
  if (EXPIRED.has(answer.status) && answer.url.origin !== answer.asked.origin) {
    await answer.discard();
    answer = await request(transfer);
  }
  const { status } = answer;
  const { received, blob } = transfer;
  if (status === 206 && received > 0 && transfer.ranges) {
    const wrong = wrongRange(answer, { start: received, end: blob.size }, blob);
    if (wrong === undefined) return checkLength(answer, transfer, blob.size - received);
    return withoutRange(answer, transfer);
  }
  if (status === 200) {
    const ranged = transfer.ranges && (received > 0 || given !== undefined);
    const length = announced(answer, blob.size);
    if (ranged && length !== blob.size) {
      const what = `answered 200 with ${length} bytes to a range of blob ${blob.digest}, which has ${blob.size}`;
      atOnce(transfer, `${answer.url.host} ${what}; it is asked for without a range`);
      return withoutRange(answer, transfer);
    }
    const checked = await checkLength(answer, transfer, blob.size);
    if (received > 0) beginsAgain(checked, transfer);
    return checked;
  }
  if (status === 416 && transfer.ranges) return withoutRange(answer, transfer);
  throw await answer.failure();
}

async function withoutRange(answer: Answer, transfer: Transfer): Promise<undefined> {
  transfer.ranges = false;
  await answer.discard();
}

function beginsAgain({ url }: Answer, transfer: Transfer): void {
  const { blob, received } = transfer;
  const what = `blob ${blob.digest} begins again, ${received} of its ${blob.size} bytes come twice`;
  atOnce(transfer, `${url.host} does not resume: ${what}`);
}

function atOnce({ remote }: Transfer, reason: string): void {
  remote.retries.report({ type: 'retry', subject: remote.name, reason, attempt: 1, delayMs: 0 });
}

function request({ remote, blob, received, ranges, turns, bulk }: Transfer): Promise<Answer> {
  return remote.ask({
    kind: 'blob',
    at: `blobs/${blob.digest}`,
    target: `${remote.name}@${blob.digest}`,
    headers: received > 0 && ranges ? { range: `bytes=${received}-${blob.size - 1}` } : {},
    turns,
    bulk,
  });
}

/** What of the answer has not been handed on yet; stops after the first chunk beyond the size. */
async function* rest(answer: Answer, transfer: Transfer): AsyncGenerator<Uint8Array, void, undefined> {
  let known = answer.status === 206 ? 0 : transfer.received;
  for await (const chunk of answer.body) {
    const fresh = chunk.subarray(Math.min(known, chunk.byteLength));
    known -= chunk.byteLength - fresh.byteLength;
    transfer.repeated += chunk.byteLength - fresh.byteLength;
    if (fresh.byteLength === 0) continue;
    transfer.received += fresh.byteLength;
    yield fresh;
    if (transfer.received > transfer.blob.size) return;
  }
  // Before it stood where it had been: nothing that an answer with an end like this says about the size.
  if (known > 0) throw new PullError('UNAVAILABLE', transfer.remote.name, 'it ended even earlier', { temporary: true });
}

/** What is wrong with the `Content-Range` of a 206, which must be the very range that was asked for (RFC 9110, 14.4); undefined if it is right. */
export function wrongRange(answer: Answer, { start, end }: ByteRange, blob: Descriptor): string | undefined {
  const wanted = `bytes ${start}-${end - 1}/${blob.size}`;
  const found = headerValues(answer.headers, 'content-range');
  if (found.length === 1 && found[0]?.trim().toLowerCase() === wanted) return undefined;
  const answered = clean(found.join(', '), 200) || 'none';
  return `${answer.url.host} was asked to resume ${blob.digest}: expected Content-Range ${wanted}, found ${answered}`;
}

async function checkLength(answer: Answer, { remote, blob }: Transfer, expected: number): Promise<Answer> {
  const found = announced(answer, expected);
  if (found === expected) return answer;
  await answer.discard();
  const reason = `blob ${blob.digest}: expected ${expected} bytes, found ${found} announced by ${answer.url.host}`;
  throw new PullError('SIZE_MISMATCH', remote.name, reason);
}

/** What the answer says of its length; the other where it says nothing. */
function announced({ headers }: Answer, otherwise: number): number {
  const length = header(headers, 'content-length');
  return length === undefined ? otherwise : Number(length);
}

/** What ended the bytes of an answer too early, as an error that says how far they came; an answer that never came has its own words. */
export function brokenOff(
  error: unknown,
  { remote, blob, received }: Pick<Transfer, 'remote' | 'blob' | 'received'>,
): unknown {
  const found = `expected ${blob.size} bytes, found ${received}`;
  if (error === undefined)
    return new PullError('UNAVAILABLE', remote.name, `blob ${blob.digest} ended early: ${found}`, { temporary: true });
  if (!(error instanceof PullError) || error.code !== 'UNAVAILABLE') return error;
  const { code, temporary } = error;
  return new PullError(code, remote.name, `${error.reason}; blob ${blob.digest}: ${found}`, {
    temporary,
    cause: error,
  });
}

/** A part of which a whole answer did not bring all; temporary. */
export function endedEarly({ start, end }: ByteRange, { name }: Remote, { digest }: Descriptor): PullError {
  const reason = `bytes ${start}-${end - 1} of blob ${digest} ended early`;
  return new PullError('REGISTRY_ANSWER', name, reason, { temporary: true });
}
