import type { PullError } from '../errors.ts';
import { isSilence } from './transport/network-error.ts';

/** So many questions in a row without an answer, and a mirror is not asked again; those that were asked beside each other count once. */
const MOST_UNANSWERED = 3;

/** Which mirrors of one run are still worth asking, by host. */
export interface MirrorHealth {
  isDown(host: string): boolean;
  /** To be asked with each question; what becomes of it is told by one of the two. */
  begin(host: string): Question;
}

export interface Question {
  /** It was answered, be it by a refusal. */
  answered(): void;
  /** It failed; true if the mirror is down for that, and was not before. */
  failed(error: PullError): boolean;
}

/**
 * Every mirror is worth asking at first. It is down for the rest of the run once it cannot be reached, or says nothing for as long as it is waited for, and after
 * three failures without an answer (5xx, connections that break) one after the other.
 */
export function createMirrorHealth(): MirrorHealth {
  const down = new Set<string>();
  const unanswered = new Map<string, number>();
  return {
    isDown: (host) => down.has(host),
    begin(host) {
      const before = unanswered.get(host) ?? 0;
      return {
        answered: () => void unanswered.delete(host),
        failed(error) {
          const ends = error.code === 'UNREACHABLE' || isSilence(error);
          if (!ends && error.code !== 'UNAVAILABLE') {
            unanswered.delete(host);
            return false;
          }
          if (down.has(host)) return false;
          // Otherwise one that was asked beside this was counted, or answered.
          if (before === (unanswered.get(host) ?? 0)) unanswered.set(host, before + 1);
          if (!ends && (unanswered.get(host) ?? 0) < MOST_UNANSWERED) return false;
          down.add(host);
          return true;
        },
      };
    },
  };
}
