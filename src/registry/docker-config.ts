import { PullError } from '../errors.ts';
import { isRecord, parseJson } from '../lib/records.ts';

/** An entry of `auths`: who to be at one registry. */
export interface AuthEntry {
  readonly auth?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly identitytoken?: string | undefined;
  readonly registrytoken?: string | undefined;
}

/** What is read of Docker's `config.json` and of Podman's `auth.json`. */
export interface DockerConfig {
  readonly auths: Readonly<Record<string, AuthEntry>>;
  /** Registries whose credentials are kept by a program. */
  readonly credHelpers: Readonly<Record<string, string>>;
  /** The program that keeps the credentials of all other registries. */
  readonly credsStore: string | undefined;
}

/** The text of `config.json`, narrowed; throws INPUT_INVALID where docker/cli would not read the file either. A blank file is an empty one. */
export function parseDockerConfig(text: string, subject = 'config.json'): DockerConfig {
  const file = record(parse(text.trim() === '' ? '{}' : text, subject), subject);
  const auths = Object.entries(record(file.auths ?? {}, `${subject}: auths`));
  return {
    auths: fromEntries(auths.map(([key, entry]) => [key, authEntry(entry, `${subject}: ${key}`)])),
    credHelpers: strings(record(file.credHelpers ?? {}, `${subject}: credHelpers`), subject),
    credsStore: optionalString(file.credsStore, `${subject}: credsStore`) || undefined,
  };
}

/**
 * The text of `DOCKER_AUTH_CONFIG`: `auths` with nothing but `auth`, each of which can be decoded. Like docker/cli throws INPUT_INVALID, about all of it, for
 * anything else.
 */
export function parseAuthVariable(text: string, subject = 'DOCKER_AUTH_CONFIG'): DockerConfig {
  const file = record(parse(text, subject), subject);
  onlyHas(file, 'auths', subject);
  const auths = Object.entries(record(file.auths ?? {}, subject)).map(([key, value]) => {
    const entry = record(value, subject);
    onlyHas(entry, 'auth', subject);
    const parsed = authEntry(entry, subject);
    decodeAuth(parsed);
    return [key, parsed] as const;
  });
  return { auths: fromEntries(auths), credHelpers: {}, credsStore: undefined };
}

/** What an entry says of who to be. */
export interface DecodedAuth {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly identityToken?: string | undefined;
  readonly registryToken?: string | undefined;
}

/**
 * The entry with its base64 undone, empty fields dropped; undefined if it holds neither a password nor a token. Throws INPUT_INVALID about the subject, without
 * a word of the entry, if it cannot be undone.
 */
export function decodeAuth(entry: AuthEntry, subject = 'auth'): DecodedAuth | undefined {
  const named = entry.auth ? decodeBase64(entry.auth, subject) : entry;
  const decoded = {
    username: named.username || undefined,
    password: named.password || undefined,
    identityToken: entry.identitytoken || undefined,
    registryToken: entry.registrytoken || undefined,
  };
  const { username, password, identityToken, registryToken } = decoded;
  return (username && password) || identityToken || registryToken ? decoded : undefined;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function decodeBase64(auth: string, subject: string): { username: string; password: string } {
  const base64 = auth.replace(/[\r\n]/g, '');
  if (!BASE64.test(base64)) throw new PullError('INPUT_INVALID', subject, 'is not base64');
  const text = Buffer.from(base64, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) throw new PullError('INPUT_INVALID', subject, 'is not a name and a password');
  return { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/^\0+|\0+$/g, '') };
}

function parse(text: string, subject: string): unknown {
  const value = parseJson(text);
  // What Node says quotes the text, and the text holds secrets.
  if (value === undefined) throw new PullError('INPUT_INVALID', subject, 'it is not JSON');
  return value;
}

function onlyHas(value: Readonly<Record<string, unknown>>, name: string, subject: string): void {
  if (Object.keys(value).every((key) => key === name)) return;
  throw new PullError('INPUT_INVALID', subject, 'expected {"auths": {"<registry>": {"auth": "…"}}} and no other field');
}

function authEntry(value: unknown, subject: string): AuthEntry {
  const entry = record(value, subject);
  const field = (name: keyof AuthEntry) => optionalString(entry[name], subject);
  return {
    auth: field('auth'),
    username: field('username'),
    password: field('password'),
    identitytoken: field('identitytoken'),
    registrytoken: field('registrytoken'),
  };
}

function strings(values: Readonly<Record<string, unknown>>, subject: string): Readonly<Record<string, string>> {
  return fromEntries(
    Object.entries(values).map(([key, value]) => [key, optionalString(value, `${subject}: ${key}`) ?? '']),
  );
}

function fromEntries<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries);
}

function record(value: unknown, subject: string): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value;
  throw new PullError('INPUT_INVALID', subject, 'expected a JSON object');
}

function optionalString(value: unknown, subject: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new PullError('INPUT_INVALID', subject, 'expected a string');
}
