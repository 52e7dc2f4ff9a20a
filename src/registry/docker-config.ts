import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PullError } from '../errors.ts';

/** An entry of `auths`: who to be at one registry. */
export interface AuthEntry {
  readonly auth?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** What is read of Docker's `config.json`. */
export interface DockerConfig {
  readonly auths: Readonly<Record<string, AuthEntry>>;
  /** Registries whose credentials are kept by a program. */
  readonly credHelpers: Readonly<Record<string, string>>;
  /** The program that keeps the credentials of all other registries. */
  readonly credsStore: string | undefined;
}

/** The text of `config.json`, narrowed; throws INPUT_INVALID where docker/cli would not read the file either. A blank file is an empty one. */
export function parseDockerConfig(text: string, subject = 'config.json'): DockerConfig {
  let json: unknown;
  try {
    json = text.trim() === '' ? {} : JSON.parse(text);
  } catch (cause) {
    throw new PullError('INPUT_INVALID', subject, 'it is not JSON', { cause });
  }
  const file = record(json, subject);
  const auths = Object.entries(record(file.auths ?? {}, `${subject}: auths`));
  return {
    auths: Object.fromEntries(auths.map(([key, entry]) => [key, authEntry(entry, `${subject}: ${key}`)])),
    credHelpers: strings(record(file.credHelpers ?? {}, `${subject}: credHelpers`), subject),
    credsStore: optionalString(file.credsStore, `${subject}: credsStore`) || undefined,
  };
}

/**
 * `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`; undefined if there is none. Like docker/cli, a file that cannot be read is a warning
 * and no credentials.
 */
export async function readDockerConfig(
  environment: Readonly<Record<string, string | undefined>>,
  warn: (message: string) => void,
): Promise<DockerConfig | undefined> {
  const folder = environment.DOCKER_CONFIG || join(environment.HOME || homedir(), '.docker');
  const file = join(folder, 'config.json');
  try {
    return parseDockerConfig(await readFile(file, 'utf8'), file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    warn(`credentials are not read: ${(error as Error).message}`);
    return undefined;
  }
}

function authEntry(value: unknown, subject: string): AuthEntry {
  const entry = record(value, subject);
  return {
    auth: optionalString(entry.auth, subject),
    username: optionalString(entry.username, subject),
    password: optionalString(entry.password, subject),
  };
}

function strings(values: Readonly<Record<string, unknown>>, subject: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, optionalString(value, `${subject}: ${key}`) ?? '']),
  );
}

function record(value: unknown, subject: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new PullError('INPUT_INVALID', subject, 'expected a JSON object');
}

function optionalString(value: unknown, subject: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new PullError('INPUT_INVALID', subject, 'expected a string');
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}
