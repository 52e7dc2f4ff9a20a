import type { Lock } from '../outcome.ts';

/** An image reference as a file has it, variables resolved. */
export interface FoundImage {
  /** The reference; as it is written where it could not be resolved. */
  readonly text: string;
  /** `compose.yml:12`. */
  readonly at: string;
  /** The platform the file asks for, as it is written there. */
  readonly platform?: string | undefined;
  /** Why it stands for nothing here and now, and what to do. */
  readonly problem?: { readonly reason: string; readonly hint?: string | undefined } | undefined;
}

/** What was read from disk for the settings before they were parsed. */
export interface Found {
  /** Every reference of `files`, in the order of the files and of their lines. */
  readonly images: readonly FoundImage[];
  /** What is wrong with the inputs that name files or patterns, as `input: what to write instead`. */
  readonly mistakes: readonly string[];
  /** What the lock file says; absent if there is none. */
  readonly lock?: Lock | undefined;
}

export const NOTHING_FOUND: Found = { images: [], mistakes: [] };
