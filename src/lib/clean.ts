import { isIPv6 } from 'node:net';

/** Control characters (C0, DEL, C1), line and paragraph separators, and characters that reorder text (CVE-2021-42574). */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;
/** As above, but for the line ends between values. */
const UNPRINTABLE_IN_JSON = /[\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;

/** Colons that follow one another, and what may be an address in brackets (RFC 3986, section 3.2.2), whole. */
const COLONS = /\[([0-9a-fA-F:.]{2,45})\]|:{2,}/g;

/**
 * Text from somebody else (a registry, an engine, a tag) as one line that cannot be a workflow command: the runner reads `::name::` at the
 * start of a line and `##[name]` anywhere in one, on stdout and stderr alike. No two colons are left side by side but in an IPv6 address in brackets, which
 * no line can begin with as a command. At most `limit` characters are kept.
 */
export function clean(text: string, limit = 1000): string {
  const line = text
    .replace(ANSI, '')
    .replace(UNPRINTABLE, ' ')
    .replaceAll('##[', '# #[')
    .replace(COLONS, (found, address) => (isIPv6(address ?? '') ? found : found.replace(/:(?=:)/g, ': ')))
    .trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}

/** JSON that means the same, and in which nothing is a command or a control character: what `clean` would change is escaped. */
export function cleanJson(json: string): string {
  const escaped = (text: string) => text.replace(/./gsu, (character) => codes(character));
  return json.replaceAll('##[', '#\\u0023[').replace(UNPRINTABLE_IN_JSON, escaped);
}

const codes = (text: string): string =>
  [...Array(text.length).keys()].map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');

/** A line of our own words that may hold the user's: nothing in it is a command, and `[::1]:5000` stays readable. */
export function cleanLine(text: string): string {
  return text
    .replace(ANSI, '')
    .replace(UNPRINTABLE, ' ')
    .replaceAll('##[', '# #[')
    .replace(/^(\s*):(?=:)/, '$1: ');
}
