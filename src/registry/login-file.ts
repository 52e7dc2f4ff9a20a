import { randomUUID } from 'node:crypto';
import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { PullError } from '../errors.ts';
import type { KeepHelper } from './credential-helper.ts';
import { hostOf, serverKey } from './credentials.ts';
import { type DockerConfig, parseDockerConfig } from './docker-config.ts';

/** Where a login lies now: in the file itself, or with a program. */
export interface Kept {
  readonly file: string;
  readonly helper?: string | undefined;
}

type Json = Record<string, unknown>;
interface Opened {
  readonly file: string;
  readonly json: Json;
  readonly config: DockerConfig;
}

/** Docker's `config.json`: in `$DOCKER_CONFIG`, else in `~/.docker`. */
export function loginFile(environment: Readonly<Record<string, string | undefined>>): string {
  return join(environment.DOCKER_CONFIG || join(environment.HOME || homedir(), '.docker'), 'config.json');
}

/**
 * Keeps a login as Docker does: with the program that the file names for this registry or for all, or where it says nothing of logins with that of the system,
 * which it names from then on; else in the file, readable by its owner alone. Everything else in the file stays. Throws INPUT_INVALID if the file is not one of Docker's or the program fails; then nothing was changed.
 */
export async function saveLogin(
  path: string,
  domain: string,
  login: { readonly username: string; readonly password: string },
  helpers: KeepHelper,
): Promise<Kept> {
  const opened = await open(path);
  const server = serverKey(domain);
  const standard = namesAny(opened.config) ? undefined : await helpers.standard();
  const helper = helperOf(opened.config, server) || standard;
  if (helper) await helpers.store(helper, server, login);
  const auth = Buffer.from(`${login.username}:${login.password}`, 'utf8').toString('base64');
  // Docker leaves an empty entry for what a program keeps, so that others see there is a login.
  const json = standard ? { ...opened.json, credsStore: standard } : opened.json;
  await write({ ...opened, json }, { ...authsOf(json), [server]: helper ? {} : { auth } });
  return { file: opened.file, helper };
}

/** Forgets a login, wherever it is kept; false if there was none. Throws INPUT_INVALID as `saveLogin` does. */
export async function dropLogin(path: string, domain: string, helpers: KeepHelper): Promise<boolean> {
  const opened = await open(path);
  const server = serverKey(domain);
  const helper = helperOf(opened.config, server);
  const erased = helper ? await helpers.erase(helper, server) : false;
  const auths = authsOf(opened.json);
  const keys = Object.keys(auths).filter((key) => key === server || hostOf(key) === hostOf(server));
  if (keys.length === 0) return erased;
  await write(opened, Object.fromEntries(Object.entries(auths).filter(([key]) => !keys.includes(key))));
  return true;
}

const helperOf = ({ credHelpers, credsStore }: DockerConfig, server: string): string | undefined =>
  (Object.hasOwn(credHelpers, server) ? credHelpers[server] : undefined) || credsStore;

/** True if the file says anything of logins. */
const namesAny = ({ auths, credHelpers, credsStore }: DockerConfig): boolean =>
  Boolean(credsStore) || Object.keys(credHelpers).length > 0 || Object.keys(auths).length > 0;

const authsOf = ({ auths }: Json): Json => (auths ?? {}) as Json;

async function open(path: string): Promise<Opened> {
  // Some have it linked to elsewhere; the link is to stay.
  const file = await realpath(path).catch(() => path);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '';
    throw unusable(file, 'read', error);
  });
  const config = parseDockerConfig(text, file);
  return { file, config, json: text.trim() === '' ? {} : (JSON.parse(text) as Json) };
}

/** Beside it first, then renamed: whoever reads at the same time sees the old file or the new one. */
async function write({ file, json }: Opened, auths: Json): Promise<void> {
  const fresh = `${file}.${randomUUID()}`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(fresh, asDocker({ ...json, auths }), { mode: 0o600, flag: 'wx' });
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => {});
    throw unusable(file, 'written', error as NodeJS.ErrnoException);
  }
}

/** As Docker writes it, byte for byte: tabs, logins first and in the order of their keys, and what means something in HTML escaped. */
function asDocker({ auths, ...others }: Json): string {
  const sorted = Object.entries(auths as Json).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const text = JSON.stringify({ auths: Object.fromEntries(sorted), ...others }, null, '\t');
  return text.replace(/[<>&\u2028\u2029]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function unusable(file: string, what: string, { code, message }: NodeJS.ErrnoException): PullError {
  return new PullError('INPUT_INVALID', file, `it cannot be ${what} (${code ?? message})`);
}
