import type { Code } from '../errors.ts';
import type { Told } from '../ports.ts';
import type { Promised } from './verify.ts';

/** What a filling thread is told; numbers name files and orders. */
export type ToThread =
  | {
      readonly type: 'open';
      readonly file: number;
      readonly fd: number;
      readonly path: string;
      readonly blob: Promised;
    }
  | { readonly type: 'write'; readonly file: number; readonly position: number; readonly bytes: Uint8Array }
  | { readonly type: 'bring'; readonly file: number; readonly order: number; readonly what: unknown }
  | { readonly type: 'breakOff'; readonly file: number; readonly order: number }
  | { readonly type: 'prove'; readonly file: number }
  | { readonly type: 'close'; readonly file: number };

/** What it says. `written` counts the bytes from the start that are in the file. */
export type FromThread = { readonly file: number } & (
  | { readonly type: 'wrote'; readonly bytes: Uint8Array; readonly written: number }
  | { readonly type: 'told'; readonly order: number; readonly told: Told; readonly written: number }
  | { readonly type: 'failed'; readonly error: Failure }
  | { readonly type: 'proved' }
  | { readonly type: 'closed' }
);

/** A PullError on its way between threads. */
export interface Failure {
  readonly code: Code;
  readonly subject: string;
  readonly reason: string;
  readonly hint?: string | undefined;
}
