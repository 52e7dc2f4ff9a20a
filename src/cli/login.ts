import { text as readText } from 'node:stream/consumers';
import type { Command } from 'commander';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { loginAt, logoutAt } from '../wire/login.ts';
import { insecureRegistries, PASSWORD_STDIN } from './options.ts';
import type { Say } from './store.ts';

export interface LoginOptions {
  readonly username?: string;
  readonly passwordStdin?: boolean;
  readonly insecureRegistry: readonly string[];
}

/** Adds `login` and `logout` to the commands. */
export function addLogin(
  root: Command,
  signal: AbortSignal,
  stdin: NodeJS.ReadableStream,
  say: Say,
  remark: Say,
): void {
  root
    .command('login')
    .description('log in to a registry, Docker Hub by default; checked there before anything is kept')
    .argument('[registry]', 'such as ghcr.io or registry.example:5000', 'docker.io')
    .option('-u, --username <name>', 'the user name')
    .option(PASSWORD_STDIN, 'take the password or token from standard input, the only way it is taken')
    .addOption(insecureRegistries())
    .addHelpText('after', '\nExample:\n  pull-image login ghcr.io -u octocat --password-stdin < token.txt')
    .action((registry: string, options: LoginOptions) => loginCommand(registry, options, signal, stdin, say, remark));
  root
    .command('logout')
    .description('forget the login of a registry, Docker Hub by default')
    .argument('[registry]', 'such as ghcr.io or registry.example:5000', 'docker.io')
    .addHelpText('after', '\nExample:\n  pull-image logout ghcr.io')
    .action((registry: string) => logoutCommand(registry, signal, say));
}

/** `login`: asks the registry, then keeps the login where Docker would. Throws INPUT_INVALID for what is missing, and what the registry says. */
export async function loginCommand(
  registry: string,
  { username = '', passwordStdin = false, insecureRegistry }: LoginOptions,
  signal: AbortSignal,
  stdin: NodeJS.ReadableStream,
  say: Say,
  remark: Say,
): Promise<void> {
  const example = `pull-image login ${clean(registry, 100)} -u NAME --password-stdin < token.txt`;
  const missing = (what: string) =>
    new PullError('INPUT_INVALID', 'login', `${what} is missing`, { hint: `Write ${example}.` });
  if (username === '') throw missing('--username');
  if (!passwordStdin) throw missing('--password-stdin');
  // Docker drops the line break that echo leaves, and nothing else.
  const password = (await readText(stdin)).replace(/\r?\n$/, '');
  if (password === '')
    throw new PullError('INPUT_INVALID', 'login', 'standard input holds no password', { hint: `Write ${example}.` });
  const { checked, kept } = await loginAt(
    { registry, username, password },
    insecureRegistry,
    process.env,
    signal,
    remark,
  );
  if (checked === 'open')
    remark(`warning: ${clean(registry, 300)} asks nobody for a login, so this one could not be checked`);
  if (kept.helper === undefined)
    remark(`warning: the login is kept unencrypted in ${kept.file}; name a credsStore there to change that`);
  say('Login Succeeded');
}

/** `logout`: forgets the login wherever Docker would keep it. */
export async function logoutCommand(registry: string, signal: AbortSignal, say: Say): Promise<void> {
  const { server, dropped } = await logoutAt(registry, process.env, signal);
  say(dropped ? `Removing login credentials for ${clean(server, 300)}` : `Not logged in to ${clean(server, 300)}`);
}
