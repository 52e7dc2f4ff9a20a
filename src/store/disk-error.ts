import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';

const FULL = ['ENOSPC', 'EDQUOT'];
const TAKEN = ['EISDIR', 'ENOTDIR', 'ELOOP'];

/** The system's name for what went wrong (`ENOENT`), if the error comes from the system. */
export function systemCode(error: unknown): string | undefined {
  const { code, syscall } = (error ?? {}) as { readonly code?: unknown; readonly syscall?: unknown };
  return typeof code === 'string' && typeof syscall === 'string' ? code : undefined;
}

/**
 * Work on the store's own files, its system errors told in our words: DISK_FULL where space or quota ran out,
 * STORE_UNUSABLE otherwise, both naming the path. Never wrapped around foreign content, whose network errors are system
 * errors too.
 */
export async function onDisk<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw diskError(path, error);
  }
}

/** The work's result, or undefined if the system says there is nothing there. */
export async function unlessAbsent<T>(path: string, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw diskError(path, error);
  }
}

/** The error in our words if it comes from the system, else as it is. */
export function diskError(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined) return error;
  if (FULL.includes(code)) {
    const reason = code === 'EDQUOT' ? 'the disk quota is used up' : 'no space left on the disk';
    const hint = 'Free some space there, or let the input `store` name a folder on a larger disk.';
    return new PullError('DISK_FULL', path, reason, { hint, cause: error });
  }
  const hint = TAKEN.includes(code)
    ? 'Something else lies there: remove it, or let the input `store` name another folder.'
    : 'Let the input `store` name a folder this user can write to.';
  return new PullError('STORE_UNUSABLE', path, clean((error as Error).message), { hint, cause: error });
}
