import path from 'node:path';
import { clean } from '../../lib/clean.ts';
import { parseUrl } from '../../lib/parse-url.ts';
import { asRecord, isRecord } from '../../lib/records.ts';
import { parseDuration } from '../retry-after.ts';
import type { Table, Warn } from './toml.ts';

/** What connections to a host are made with; the certificates are paths. */
export interface HostSettings {
  readonly authorities: readonly string[];
  /** The file of the certificate, and that of its key if it is another. */
  readonly client?: readonly [certificate: string, key: string] | undefined;
  readonly skipsVerify: boolean;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly connectMs?: number | undefined;
}

/** A host of a `hosts.toml`, and what it may be asked for. */
export interface HostEntry {
  /** Scheme, host and port; absent for those of the registry itself. */
  readonly origin?: URL | undefined;
  /** What stands before the repository in its URLs, `/v2`. */
  readonly base: string;
  /** Whether it may say what a tag points to. */
  readonly resolves: boolean;
  /** Whether it may give what has a digest. */
  readonly pulls: boolean;
  readonly settings: HostSettings;
}

const CAPABILITIES = new Set(['pull', 'resolve', 'push', 'referrers']);
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;
/** What a request has by its own right. */
const OWN_HEADERS = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'range', 'accept-encoding']);

/**
 * The hosts of a `hosts.toml` in its order, and last the registry's own or what the file has as `server` (containerd, docs/hosts.md). Relative paths count from its
 * folder. A host or a value that cannot be understood is left out, with a warning. Never throws.
 */
export function parseHosts(table: Table, folder: string, warn: Warn): readonly HostEntry[] {
  const hosts = Object.entries(asRecord(table.host));
  const server = typeof table.server === 'string' && table.server !== '' ? table.server : undefined;
  const entries = [...hosts, [server, table] as const].map(([url, value]) => {
    const name = clean(url ?? 'server', 200);
    const tell: Warn = (problem) => warn(`${name}: ${problem}`);
    return isRecord(value) ? readEntry(url, value, folder, tell, value === table) : undefined;
  });
  return entries.filter((entry) => entry !== undefined);
}

function readEntry(
  text: string | undefined,
  table: Table,
  folder: string,
  warn: Warn,
  isServer: boolean,
): HostEntry | undefined {
  const url = text === undefined ? undefined : parseHostUrl(text);
  if (text !== undefined && !url) {
    warn('expected http://host or https://host, perhaps with a port and a path; it is left out');
    // In the place of the server the registry itself is left.
    return isServer ? readEntry(undefined, table, folder, warn, true) : undefined;
  }
  const capabilities = textsOf(table.capabilities).map((one) => one.toLowerCase());
  const unknown = capabilities.filter((one) => !CAPABILITIES.has(one));
  if (unknown.length > 0) warn(`capabilities: ${clean(unknown.join(', '), 100)} is not known, and left out`);
  const may = (capability: string) => capabilities.length === 0 || capabilities.includes(capability);
  return {
    origin: url && new URL(url.origin),
    base: baseOf(url?.pathname ?? '/', table.override_path === true),
    resolves: may('resolve'),
    pulls: may('pull'),
    settings: {
      authorities: textsOf(table.ca).map((file) => path.resolve(folder, file)),
      client: readClient(table.client, folder),
      skipsVerify: table.skip_verify === true,
      headers: readHeaders(table.header, warn),
      connectMs: readTimeout(table.dial_timeout, warn),
    },
  };
}

function parseHostUrl(text: string): URL | undefined {
  const whole = text.includes('://') ? text : `https://${text}`;
  const url = /^https?:\/\//i.test(whole) ? parseUrl(whole) : undefined;
  return !url || url.username || url.password || url.search || url.hash ? undefined : url;
}

/** As containerd has it: `/v2` follows any path, unless the path says it already or is to stand alone. */
function baseOf(pathname: string, alone: boolean): string {
  // What begins with two slashes would name another host.
  const base = pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '');
  return alone || base.endsWith('/v2') ? base : `${base}/v2`;
}

/** One file with both, or a pair; of several the first. */
function readClient(value: unknown, folder: string): HostSettings['client'] {
  const first = Array.isArray(value) ? value[0] : value;
  const [certificate, key] = textsOf(first).map((file) => path.resolve(folder, file));
  return certificate === undefined ? undefined : [certificate, key ?? certificate];
}

function readHeaders(value: unknown, warn: Warn): Readonly<Record<string, string>> {
  const headers: [string, string][] = [];
  for (const [name, text] of Object.entries(asRecord(value))) {
    const joined = textsOf(text).join(', ');
    const fits = HEADER_NAME.test(name) && HEADER_VALUE.test(joined) && !OWN_HEADERS.has(name.toLowerCase());
    if (fits && joined !== '') headers.push([name.toLowerCase(), joined]);
    else warn(`header: ${clean(name, 100)} is left out`);
  }
  return Object.fromEntries(headers);
}

function readTimeout(value: unknown, warn: Warn): number | undefined {
  if (value === undefined) return undefined;
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  if (ms === undefined || ms < 1) warn('dial_timeout: expected a duration such as 3s; it is left out');
  return ms === undefined || ms < 1 ? undefined : ms;
}

const textsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string' && one !== '');
