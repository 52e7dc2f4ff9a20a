import type { Report } from '../../outcome.ts';
import type { Fault } from './faults.ts';

/** What is being done; `read` is also a look-up before a save. */
export type During = 'read' | 'write';

/** What may still be asked of the cache in this run. What changes that is said, each thing once. */
export interface Standing {
  reads(): boolean;
  writes(): boolean;
  /** True if nothing is asked any more. */
  closed(): boolean;
  /** Milliseconds until the service takes requests again. */
  pause(): number;
  /** The service, or the way to it, is gone. */
  gone(): void;
  /** Nothing is asked any more, for a reason that is no fault. */
  close(notice: string): void;
  stopWriting(warning: string): void;
  /** Draws the consequences of a fault that is not of one entry only: `gone`, `denied` and `limited`. */
  fault(fault: Fault, during: During): void;
  /** A read met the rate limit. */
  busy(words: string): void;
  /** Something is wrong with one entry. */
  spoiled(words: string, during: During): void;
}

/** `now` in milliseconds. */
export function createStanding(
  rights: { readonly readable: boolean; readonly writable: boolean },
  report: Report,
  now: () => number,
): Standing {
  const said = new Set<string>();
  let { readable, writable } = rights;
  let closed = false;
  let opensAt = 0;

  function say(type: 'warning' | 'notice', kind: string, message: string): void {
    if (said.has(kind) || closed) return;
    said.add(kind);
    report({ type, message });
  }

  const pause = () => Math.max(0, opensAt - now());

  function gone(): void {
    say('warning', 'gone', 'The Actions cache does not answer; going on without it.');
    closed = true;
  }

  return {
    reads: () => readable && !closed && pause() === 0,
    writes: () => writable && !closed,
    closed: () => closed,
    pause,
    gone,
    close(notice) {
      say('notice', 'closed', notice);
      closed = true;
    },
    stopWriting(warning) {
      say('warning', 'write', warning);
      writable = false;
    },
    fault({ kind, words, retryAfterMs = Number.POSITIVE_INFINITY }, during) {
      if (kind === 'gone') {
        gone();
      } else if (kind === 'limited') {
        opensAt = Math.max(opensAt, now() + retryAfterMs);
      } else if (kind === 'denied' && during === 'read') {
        say('notice', 'read', `The Actions cache is not used: this job may not read it (${words}).`);
        readable = false;
      } else if (kind === 'denied') {
        say('notice', 'write', `Nothing is saved in the Actions cache: this job may not write to it (${words}).`);
        writable = false;
      }
    },
    busy: (words) => say('warning', 'busy', `The Actions cache takes no more requests for now (${words}).`),
    spoiled(words, during) {
      if (during === 'write') say('warning', 'save', `An entry cannot be saved in the Actions cache (${words}).`);
      else
        say(
          'warning',
          'restore',
          `An entry of the Actions cache cannot be read (${words}): its bytes come from elsewhere.`,
        );
    },
  };
}
