import { spawn } from 'node:child_process';
import { cancelled, PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { formatSeconds } from '../lib/format.ts';
import { parseJson } from '../lib/records.ts';
import { redactText } from '../lib/redact.ts';
import { defaultStore } from './default-store.ts';
import type { DecodedAuth } from './docker-config.ts';

/**
 * What the program `docker-credential-<name>` keeps for a server; undefined if it knows nothing. Throws INPUT_INVALID about the program if it is not there,
 * fails, or answers what is no answer; CANCELLED with the signal.
 */
export type AskHelper = (name: string, server: string) => Promise<DecodedAuth | undefined>;

export interface HelperOptions {
  /** What the program sees; it is looked for on this PATH. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** How long a program may take. */
  readonly limitMs?: number;
}

const LIMIT_MS = 30_000;
const WINDOWS = process.platform === 'win32';
const MAX_ANSWER = 1024 * 1024;
/** Characters of what a failed program said, before its secrets are taken out. */
const SHOWN = 1000;
const NOT_FOUND = 'credentials not found in native keychain';
/** The user name that stands for none, beside an identity token. */
const TOKEN_USER = '<token>';

/** Asks credential helpers by Docker's protocol (docker/docker-credential-helpers): `get`, the server on standard input, JSON on standard output. */
export function createAskHelper(options: HelperOptions): AskHelper {
  return async (name, server) => {
    const program = programOf(name);
    const { failed, output } = await run(program, server, options);
    if (!failed) return parseAnswer(output, program);
    if (output.trim() === NOT_FOUND) return undefined;
    // A helper that fails tells why on standard output, as Docker repeats it; what looks like an answer is kept back.
    const said = output.includes('"Secret"') ? '' : clean(redactText(output.slice(0, SHOWN)), 200);
    throw new PullError('INPUT_INVALID', program, `failed for ${server} (${failed})${said && `: ${said}`}`);
  };
}

/** What keeps logins: a program by Docker's protocol. Throws INPUT_INVALID about the program, as `AskHelper` does. */
export interface KeepHelper {
  /** Has the program keep a login for a server, instead of what it kept before. */
  store(name: string, server: string, login: { readonly username: string; readonly password: string }): Promise<void>;
  /** Has it forget the login for a server; false if it knew of none. */
  erase(name: string, server: string): Promise<boolean>;
  /** The one that keeps logins where no file names one, if there is one. */
  standard(): Promise<string | undefined>;
}

/** Credential helpers that are told: `store` with JSON on standard input, `erase` with the server. */
export function createKeepHelper(options: HelperOptions): KeepHelper {
  const tell = async (name: string, command: string, input: string, server: string): Promise<string | undefined> => {
    const program = programOf(name);
    const { failed, output } = await run(program, input, options, command);
    if (!failed) return undefined;
    if (command === 'erase' && output.trim() === NOT_FOUND) return NOT_FOUND;
    const said = output.includes('"Secret"') ? '' : clean(output, 200);
    throw new PullError(
      'INPUT_INVALID',
      program,
      `failed to ${command} the login for ${server} (${failed})${said && `: ${said}`}`,
    );
  };
  return {
    async store(name, server, { username, password }) {
      const input = JSON.stringify({ ServerURL: server, Username: username, Secret: password });
      await tell(name, 'store', input, server);
    },
    erase: async (name, server) => (await tell(name, 'erase', server, server)) === undefined,
    standard: () => defaultStore(options.environment),
  };
}

/** Only a name is looked up on the PATH; with a slash it would be a path. */
function programOf(name: string): string {
  const program = `docker-credential-${clean(name, 100)}`;
  if (!/^[\w.-]+$/.test(name)) throw new PullError('INPUT_INVALID', program, 'is not the name of a program');
  return program;
}

function parseAnswer(output: string, program: string): DecodedAuth | undefined {
  const { Username: username, Secret: secret } = parseObject(output, program);
  if (typeof secret !== 'string' || secret === '') return undefined;
  if (username === TOKEN_USER) return { identityToken: secret };
  return typeof username === 'string' && username !== '' ? { username, password: secret } : undefined;
}

function parseObject(output: string, program: string): Readonly<Record<string, unknown>> {
  // What Node says of text that is no JSON quotes it.
  const answer = parseJson(output);
  if (typeof answer === 'object' && answer !== null) return answer as Record<string, unknown>;
  throw new PullError('INPUT_INVALID', program, 'expected JSON with Username and Secret, found something else');
}

interface Finished {
  /** Why it did not succeed. */
  readonly failed?: string;
  readonly output: string;
}

/** The program in a group of its own, so that what it started ends with it. */
function run(program: string, input: string, options: HelperOptions, command = 'get'): Promise<Finished> {
  const { environment, signal, limitMs = LIMIT_MS } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(cancelled());
    const stdio = ['pipe', 'pipe', 'ignore'] as const;
    const child = spawn(program, [command], {
      env: environment,
      stdio: [...stdio],
      detached: !WINDOWS,
      windowsHide: true,
    });
    let output = '';
    const settle = (outcome: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      outcome();
    };
    const end = (error: PullError) => {
      killGroup(child.pid);
      settle(() => reject(error));
    };
    const abort = () => end(cancelled());
    const timer = setTimeout(
      () => end(new PullError('INPUT_INVALID', program, `gave no answer in ${formatSeconds(limitMs / 1000)}`)),
      limitMs,
    );
    signal.addEventListener('abort', abort, { once: true });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > MAX_ANSWER) end(new PullError('INPUT_INVALID', program, 'answered more than a megabyte'));
    });
    child.on('error', (error: NodeJS.ErrnoException) =>
      settle(() => reject(new PullError('INPUT_INVALID', program, startFailure(error)))),
    );
    child.on('close', (code, by) =>
      settle(() => resolve(code === 0 ? { output } : { failed: endOf(code, by), output })),
    );
    // A helper may end without reading.
    child.stdin.on('error', () => {}).end(input);
  });
}

const endOf = (code: number | null, by: string | null): string =>
  code === null ? `ended by ${by}` : `exit code ${code}`;

function startFailure({ code }: NodeJS.ErrnoException): string {
  return code === 'ENOENT' ? 'is not on the PATH' : `cannot be started (${code})`;
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(WINDOWS ? pid : -pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
}
