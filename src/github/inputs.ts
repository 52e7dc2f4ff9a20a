import { holdsToken } from '../lib/redact.ts';
import { maskLine, toStdout } from './commands.ts';

/** The inputs that say how registries are reached, the same for every action and in this order. */
export const REGISTRY_INPUTS = [
  'registry',
  'username',
  'password',
  'registry-auth',
  'github-token',
  'mirrors',
  'insecure-registries',
  'max-concurrent-downloads',
] as const;

/** The inputs that `action.yml` declares, all of them, in its order. */
export const INPUTS = [
  'images',
  'files',
  'platforms',
  'all-tags',
  'tags',
  'max-tags',
  'pull-policy',
  'engine',
  'cache',
  'cache-max-save',
  'on-registry-error',
  'store',
  'store-max-size',
  'lock-file',
  'update-lock',
  ...REGISTRY_INPUTS,
  'quiet',
  'summary',
] as const;

const SECRET_INPUTS = ['password', 'github-token'] as const;
const SHORTEST_MASK = 8;
const setSecret = (secret: string): void => toStdout(maskLine(secret));

/**
 * The text of every input by name, without blanks around it; an input that is not set is the empty text. Read here, as masks are set here, because
 * @actions/core brings an HTTP client of its own, which is not to hold up the first request.
 */
export function readInputs(names: readonly string[] = INPUTS, environment = process.env): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, environment[`INPUT_${name.toUpperCase()}`]?.trim() ?? '']));
}

/**
 * Has the runner mask the password and the token in the log, except lines shorter than 8 characters: a job output that contains a masked text is
 * dropped whole, and the runner masks each line of a secret on its own, so that the `{` of a JSON key would take every output with it.
 */
export function maskSecrets(raw: Readonly<Record<string, string | undefined>>, mask = setSecret): void {
  for (const name of SECRET_INPUTS) maskLines(raw[name] ?? '', mask);
  maskLogin({ username: raw.username ?? '', password: '' }, mask);
  if (raw.username && raw.password) mask(basic(raw.username, raw.password));
}

/** The same for a login from anywhere else: its password or token, a token in the place of its name, and what goes into a Basic header, should a registry echo it. */
export function maskLogin(
  { username, password }: { readonly username: string; readonly password: string },
  mask = setSecret,
): void {
  maskLines(password, mask);
  if (holdsToken(username)) maskLines(username, mask);
  if (username && password) mask(basic(username, password));
}

function maskLines(secret: string, mask: (text: string) => void): void {
  for (const line of secret.split(/[\r\n]+/)) {
    if (line.trim().length >= SHORTEST_MASK) mask(line.trim());
  }
}

const basic = (username: string, password: string): string => Buffer.from(`${username}:${password}`).toString('base64');
