import { clean } from '../../lib/clean.ts';
import { redactUrl } from '../../lib/redact.ts';
import type { CacheAnswer } from './messages.ts';

/**
 * `gone`: the service cannot be reached or fails at every try; `denied`: this job may not do that; `limited`: too many requests; `taken`: another job has
 * the key; `other`: anything that concerns this entry only.
 */
export type FaultKind = 'gone' | 'denied' | 'limited' | 'taken' | 'other';

export interface Fault {
  readonly kind: FaultKind;
  /** One clean line, without signed URLs. */
  readonly words: string;
  /** Of `limited`, if the service said when it takes requests again, in milliseconds from the answer. */
  readonly retryAfterMs?: number | undefined;
}

/** Tried in this order on what @actions/cache 6.3.0 writes; it has no other way to tell. */
const KINDS: ReadonlyArray<readonly [FaultKind, RegExp]> = [
  ['limited', /\(429\)|hit a rate limit/],
  ['taken', /\(409\)|already exists/i],
  ['denied', /cache (?:read|write) denied:|\(40[13]\)|storage quota has been hit/],
  ['gone', /Unable to make request: |Failed to make request after \d+ attempts/],
  ['other', /(?:)/],
];
const COMPLAINT = /^::(?:warning|error)::(.*)$/;
/** Why a key was not given out. In version 2 only a debug line says it; the line for people blames another job whatever the reason. */
const RESERVE = /^(?:::debug::Failed to reserve cache: (?:Error: )?|Failed to save: .* More details: )(.*)$/;
const DISK_FULL = /No space left on device|ENOSPC|Wrote only \d+ of \d+ bytes/;

/** What went wrong, going by the answer; undefined if the library complained of nothing, which is what a miss looks like. */
export function faultIn({ output, error }: Pick<CacheAnswer, 'output' | 'error'>): Fault | undefined {
  const lines = output.split('\n');
  const said = (pattern: RegExp) => lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);
  const reserve = said(RESERVE);
  const complaints = [...(error === undefined ? [] : [error]), ...said(COMPLAINT), ...reserve];
  if (complaints.length === 0) return undefined;

  const text = complaints.join('\n');
  const kind = KINDS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'other';
  const seconds = /rate limit will reset in (\d+) seconds/.exec(text)?.[1];
  return {
    kind,
    words: wordsOf(output, complaints.at(-1) ?? ''),
    retryAfterMs: seconds === undefined ? undefined : Number(seconds) * 1000,
  };
}

function wordsOf(output: string, complaint: string): string {
  if (DISK_FULL.test(output)) return 'no space left on the disk of the layer store';
  const first = complaint.split(/%0[AD]/)[0] ?? '';
  const bare = first
    .replace(/^(?:Failed to (?:restore|save|\w+): )+/, '')
    .replace(/https?:\/\/[^\s'"]+/g, (url) => redactUrl(url));
  return clean(bare, 300);
}
