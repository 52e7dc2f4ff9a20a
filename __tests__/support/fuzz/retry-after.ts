import { parseDuration, parseRetryAfter, retryAfterInWords } from '../../../src/registry/retry-after.ts';
import type { Target } from './run-target.ts';

const NOW = Date.parse('2026-08-22T10:00:00Z');

export const retryAfter: Target = {
  name: 'Retry-After',
  corpus: [
    '0',
    '120',
    'Sat, 22 Aug 2026 10:00:30 GMT',
    'Saturday, 22-Aug-26 10:01:00 GMT',
    'retry-after: 985.86µs, allowed: 44000/minute',
    'Retry-After: 1h2m3.5s',
  ],
  tokens: ['retry-after:', ' ', '1', '.', 'ns', 'us', 'µs', 'ms', 's', 'm', 'h', 'GMT', '+0100', '275760', ',', ':'],
  parse(text) {
    for (const ms of [parseRetryAfter(text, NOW), retryAfterInWords(text), parseDuration(text)])
      if (ms !== undefined && !(ms >= 0)) throw new TypeError(`a wait of ${ms}`);
  },
};
