import { PullError, WRONG_BYTES } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { shortDigest } from '../oci/digest.ts';
import { familiarName, type Repository } from '../oci/reference.ts';
import type { Content, Part } from '../ports.ts';
import type { Run } from './run.ts';

export interface TransferOptions {
  /** The bytes themselves, if a manifest carried them along. */
  readonly inline?: Uint8Array | undefined;
  /** As in `Registry.blob`. */
  readonly rank?: number | undefined;
  /** Told of bytes as they come; a negative number takes back those of a try that failed. */
  readonly count?: ((bytes: number) => void) | undefined;
  /** Told when the store can be asked for the blob, whose bytes are then read as they come. */
  readonly began?: (() => void) | undefined;
}

/**
 * Brings a blob of a repository into the store; returns the seconds it took. After wrong bytes there is one clean try more, in one stream from the registry
 * itself: a proxy on the way may have been at fault, or what it keeps of parts. Every error names the repository.
 */
export async function transfer(
  blob: Descriptor,
  repository: Repository,
  run: Run,
  options: TransferOptions = {},
): Promise<number> {
  const { ports } = run;
  const { inline, rank, count = () => {}, began = () => {} } = options;
  for (let attempt = 1; ; attempt += 1) {
    ports.signal.throwIfAborted();
    const startedAt = ports.now();
    let received = 0;
    const seen = (bytes: number) => {
      received += bytes;
      count(bytes);
    };
    try {
      const writing = ports.store.write(
        blob,
        counted(inline ? [inline] : ports.registry.blob(repository, blob, rank), seen),
      );
      began();
      await writing;
      const endedAt = ports.now();
      if (!inline) {
        run.meter.add('registry', blob.size, startedAt, endedAt);
        run.fetched.add(blob.digest);
      }
      return (endedAt - startedAt) / 1000;
    } catch (error) {
      count(-received);
      if (!isWrongBytes(error) || attempt > 1) throw located(error, repository, run);
      ports.report({ type: 'retry', subject: shortDigest(blob.digest), reason: error.reason, attempt, delayMs: 0 });
    }
  }
}

/** The store knows a blob by its digest only; the reader needs to know whence it came. */
function located(error: unknown, repository: Repository, run: Run): unknown {
  const name = familiarName(repository);
  if (run.ports.signal.aborted || !(error instanceof PullError)) return error;
  const hint = error.hint ?? (isWrongBytes(error) ? WRONG_BYTES : undefined);
  const isNamed = error.subject.startsWith(name);
  if (isNamed && hint === error.hint) return error;
  const { code, temporary, retryAfterMs } = error;
  const reason = isNamed ? error.reason : error.message;
  return new PullError(code, isNamed ? error.subject : name, reason, { hint, temporary, retryAfterMs, cause: error });
}

const isWrongBytes = (error: unknown): error is PullError =>
  error instanceof PullError && (error.code === 'DIGEST_MISMATCH' || error.code === 'SIZE_MISMATCH');

async function* counted(content: Content | Iterable<Uint8Array>, count: (bytes: number) => void): AsyncGenerator<Part> {
  for await (const part of content) {
    if ('bytes' in part) count(part.bytes.byteLength);
    else if ('landed' in part) count(part.landed);
    else if ('byteLength' in part) count(part.byteLength);
    yield part;
  }
}
