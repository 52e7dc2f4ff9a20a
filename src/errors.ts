/** Stable names for what can go wrong. Where the OCI distribution spec has a code, it is used as it stands. */
export type Code =
  | 'INPUT_INVALID'
  | 'REFERENCE_INVALID'
  | 'DIGEST_INVALID'
  | 'PLATFORM_INVALID'
  | 'PLATFORM_NOT_FOUND'
  | 'TOO_MANY_TAGS'
  | 'NO_TAGS'
  | 'NOT_HELD'
  | 'LOCK_MISMATCH'
  | 'NAME_UNKNOWN'
  | 'MANIFEST_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'BLOB_UNKNOWN'
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'TOOMANYREQUESTS'
  | 'UNSUPPORTED'
  | 'UNAVAILABLE'
  | 'UNREACHABLE'
  | 'REGISTRY_ANSWER'
  | 'REDIRECT_REFUSED'
  | 'SIZE_MISMATCH'
  | 'DIGEST_MISMATCH'
  | 'STORE_LOCKED'
  | 'STORE_UNUSABLE'
  | 'DISK_FULL'
  | 'ENGINE_UNAVAILABLE'
  | 'ENGINE_FAILED'
  | 'CANCELLED'
  /** A mistake of ours that nobody foresaw. */
  | 'UNEXPECTED';

interface Details {
  /** What the reader can do about it, a whole sentence. */
  readonly hint?: string | undefined;
  /** The same request may succeed if it is sent again. */
  readonly temporary?: boolean | undefined;
  /** The other side has no room for it while others of ours are under way, or says no more than that. */
  readonly crowded?: boolean | undefined;
  /** How long the other side asked to wait before the next try, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/**
 * A failure somebody foresaw: what it is about, what was expected and found, and what to do.
 * Its message is `subject: reason`; anything else that is thrown is a bug of ours.
 */
export class PullError extends Error {
  override readonly name = 'PullError';
  readonly code: Code;
  readonly subject: string;
  readonly reason: string;
  readonly hint: string | undefined;
  readonly temporary: boolean;
  readonly crowded: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: Code, subject: string, reason: string, details: Details = {}) {
    super(`${subject}: ${reason}`, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.subject = subject;
    this.reason = reason;
    this.hint = details.hint;
    this.temporary = details.temporary ?? false;
    this.crowded = details.crowded ?? false;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** What to do about bytes of a registry that were wrong twice. */
export const WRONG_BYTES =
  'Nothing of it was kept. Run the job again; if it stays, suspect a proxy or a mirror on the way, or have the image pushed again.';

/** The one error a cancelled run ends with. */
export function cancelled(): PullError {
  return new PullError('CANCELLED', 'pull-image', 'cancelled');
}

/** True if the error says that the run was cancelled, whoever noticed first. */
export function isCancelled(error: unknown): boolean {
  return error instanceof PullError && error.code === 'CANCELLED';
}
