import { isIP, isIPv6 } from 'node:net';
import { PullError } from '../errors.ts';
import { clean, cleanLine } from '../lib/clean.ts';
import { redactLogin } from '../lib/redact.ts';
import { parseReference } from '../oci/reference.ts';
import { type Reader, splitLines } from './reader.ts';

/** Another registry that has what one registry has. */
export interface Mirror {
  /** The registry it stands for, as references name it: `docker.io`. */
  readonly registry: string;
  /** Where it is, `registry.corp:5000`. */
  readonly domain: string;
  /** What stands before every repository there, `hub-proxy/`, or the empty text. */
  readonly prefix: string;
}

const MIRROR_FORM = 'Write docker.io=mirror.gcr.io, or docker.io=registry.example/hub-proxy.';
const INSECURE_FORM =
  'Write a host such as registry.example or registry.example:5000, [::1]:5000, or a CIDR such as 10.0.0.0/8.';

/** Mirrors in the order in which they are tried. */
export function readMirrors(read: Reader): readonly Mirror[] {
  return read.list(splitLines, 'mirrors', (text) => {
    const [left = '', right = '', ...more] = text.split('=').map((part) => part.trim());
    if (left === '' || right === '' || more.length > 0) throw mistake(text, 'expected registry=mirror', MIRROR_FORM);
    if (/^http:/i.test(right))
      throw mistake(
        text,
        'a mirror has no scheme; one that speaks plain HTTP is listed in insecure-registries',
        MIRROR_FORM,
      );
    const registry = locationOf(withoutScheme(left), text);
    const mirror = locationOf(withoutScheme(right), text);
    if (registry.prefix !== '') throw mistake(text, 'what it stands for is a whole registry', MIRROR_FORM);
    return { registry: registry.domain, ...mirror };
  });
}

/** Hosts, `host:port` and CIDRs in lower case; IPv6 hosts in brackets. */
export function readInsecureRegistries(read: Reader): readonly string[] {
  return read.list(splitLines, 'insecure-registries', (text) => {
    const entry = text.toLowerCase();
    if (/^[a-z+]+:\/\//.test(entry)) throw mistake(text, 'a registry has no scheme', INSECURE_FORM);
    const valid = entry.includes('/') ? isCidr(entry) : isHost(entry);
    if (!valid) throw mistake(text, 'expected a host or a CIDR', INSECURE_FORM);
    return entry;
  });
}

const withoutScheme = (text: string): string => text.replace(/^https:\/\//i, '').replace(/\/+$/, '');

/** A registry and a path in it, by the grammar of references. */
function locationOf(text: string, whole: string): { domain: string; prefix: string } {
  const [domain = '', ...path] = text.split('/');
  const prefix = path.map((part) => `${part}/`).join('');
  try {
    const reference = parseReference(`${domain}/${prefix}a/b`);
    if (reference.tag === undefined && reference.path === `${prefix}a/b`) return { domain: reference.domain, prefix };
  } catch (error) {
    if (!(error instanceof PullError)) throw error;
  }
  throw mistake(whole, `${clean(redactLogin(text), 100)} is not a registry`, MIRROR_FORM);
}

function isCidr(entry: string): boolean {
  const [, address = '', prefix = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  return isIP(address) !== 0 && Number(prefix) <= (isIPv6(address) ? 128 : 32);
}

function isHost(entry: string): boolean {
  return (
    !isIPv6(entry) && /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/.test(entry) && URL.canParse(`https://${entry}/`)
  );
}

function mistake(text: string, reason: string, hint: string): PullError {
  return new PullError('INPUT_INVALID', cleanLine(redactLogin(text)).slice(0, 200), reason, { hint });
}
