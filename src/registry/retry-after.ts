const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const DURATION = /retry-after:?\s*((?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h))+)/i;
const WHOLE = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h))+$/;
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)/gi;

/** The Retry-After header in milliseconds from now (RFC 9110, 10.2.3: seconds or a date); undefined if it is absent, past or neither. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // A date, for Date.parse also takes fragments of one, such as "-5".
  const at = /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : Number.NaN;
  return at > now ? at - now : undefined;
}

/** The delay ghcr.io names in its message, as Go prints durations (`retry-after: 985.86µs, allowed: 44000/minute`), in milliseconds. */
export function retryAfterInWords(message: string): number | undefined {
  const duration = DURATION.exec(message)?.[1];
  return duration ? sumOf(duration) : undefined;
}

/** A duration as Go writes it, `1m30s`, in milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  return WHOLE.test(text) ? sumOf(text) : undefined;
}

function sumOf(duration: string): number {
  let sum = 0;
  for (const [, amount, unit = ''] of duration.matchAll(PART))
    sum += Number(amount) * (UNIT_MS[unit.toLowerCase()] ?? 0);
  return sum;
}
