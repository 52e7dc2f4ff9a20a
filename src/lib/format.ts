const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in decimal units with three significant digits, as Docker prints them: `1.23MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))}${UNITS[unit]}`;
}

/** Seconds for people: `0.4s`, `12s`, `3m05s`, `1h`, `1h05m`, and from two days on as `formatAge` has them. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes >= 48 * 60) return formatAge(seconds * 1000);
  const beyond = minutes % 60;
  return `${Math.floor(minutes / 60)}h${beyond === 0 ? '' : `${String(beyond).padStart(2, '0')}m`}`;
}

/** `1 layer`, `3 layers`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

const SIZE = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?$/i;

/** Bytes out of `500MB`, `2 GB`, `1.5GiB` or a bare number; decimal units unless there is an `i`. Undefined for anything else. */
export function parseBytes(text: string): number | undefined {
  const found = SIZE.exec(text.trim());
  if (!found) return undefined;
  const power = ['', 'k', 'm', 'g', 't'].indexOf((found[2] ?? '').toLowerCase());
  return Math.round(Number(found[1]) * (found[3] ? 1024 : 1000) ** power);
}

/** An age for people, as Docker counts: `40 seconds`, `5 minutes`, `3 hours`, `2 days`, and from two of them on `2 weeks`, `2 months`, `2 years`. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 90) return count(seconds, 'second');
  if (seconds < 90 * 60) return count(Math.round(seconds / 60), 'minute');
  if (seconds < 36 * 3600) return count(Math.round(seconds / 3600), 'hour');
  const days = Math.round(seconds / 86_400);
  if (days < 14) return count(days, 'day');
  if (days < 60) return count(Math.floor(days / 7), 'week');
  if (days < 730) return count(Math.floor(days / 30), 'month');
  return count(Math.floor(days / 365), 'year');
}
