import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { parseTexts } from '../lib/records.ts';

const TIMES = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
} as const;

/** Nanoseconds. */
const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** What is behind HEALTHCHECK (Dockerfile reference) as engines keep it, times in nanoseconds. Throws INPUT_INVALID with what was expected. */
export function readHealthcheck(text: string, change: string): object {
  const found: Record<string, unknown> = {};
  let rest = text;
  for (;;) {
    const [flag, name = '', value = ''] = /^--([a-z-]+)=(\S+)\s*/.exec(rest) ?? [];
    if (flag === undefined) break;
    rest = rest.slice(flag.length);
    if (name === 'retries' && /^\d+$/.test(value)) found.Retries = Number(value);
    else if (Object.hasOwn(TIMES, name)) found[TIMES[name as keyof typeof TIMES]] = nanoseconds(value, change);
    else throw odd(change, '--interval, --timeout, --start-period, --start-interval or --retries=<number>');
  }
  if (/^NONE$/i.test(rest) && Object.keys(found).length === 0) return { Test: ['NONE'] };
  const [, command = ''] = /^CMD\s+(\S.*)$/is.exec(rest) ?? [];
  if (command === '') throw odd(change, 'NONE, or CMD and a command');
  return { Test: testOf(command), ...found };
}

function testOf(command: string): readonly string[] {
  const list = parseTexts(command);
  return list ? ['CMD', ...list] : ['CMD-SHELL', command];
}

/** `1m30s`, `500ms`; at least a millisecond, as Docker wants it. */
function nanoseconds(text: string, change: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  const whole = parts.map(([part]) => part).join('') === text;
  const sum = parts.reduce((all, [, number, unit = '']) => all + Number(number) * (UNITS[unit] ?? 0), 0);
  if (parts.length === 0 || !whole || (sum !== 0 && sum < 1e6)) throw odd(change, 'a time such as 30s or 1m30s');
  return Math.round(sum);
}

const odd = (change: string, expected: string): PullError =>
  new PullError('INPUT_INVALID', '--change', `expected ${expected}, found ${JSON.stringify(clean(change, 200))}`);
