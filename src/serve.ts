import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PullError } from './errors.ts';
import { annotateCrash } from './github/annotations.ts';
import { commandLine, toStdout } from './github/commands.ts';
import { maskLogin } from './github/inputs.ts';
import { publishServing, readServeInputs, readServing, type ServingState, saveServing } from './github/serving.ts';
import { storeRoot } from './github/store-root.ts';
import { cleanLine } from './lib/clean.ts';
import { readAccess } from './wire/access.ts';

/** How long the server may take until it listens, and to end. */
const START_MS = 30_000;
const END_MS = 5_000;
const LOOK_MS = 50;

/** Starts the server as a process that outlives this one; returns as soon as it listens. */
async function main(): Promise<void> {
  const inputs = readServeInputs();
  const { path: store, warning } = await storeRoot(inputs.store || undefined);
  if (warning) toStdout(`${cleanLine(warning)}\n`);
  const log = path.join(process.env.RUNNER_TEMP || tmpdir(), `pull-image-serve-${randomUUID()}.log`);
  const readsThrough = isReadThrough(inputs);
  // Here too, so that what is wrong is said before anything is started, and logins are masked.
  const { logins, notices } = await readAccess(inputs);
  for (const login of logins) maskLogin(login);
  if (readsThrough) for (const message of notices) toStdout(commandLine('notice', message));
  const { pid, ended } = start(wordsOf(inputs, readsThrough, store), inputs, log);
  saveServing({ pid, log });
  const port = await listening(log, ended);
  toStdout(cleanLines(log));
  await publishServing({ registry: `localhost:${port}`, store });
}

type Inputs = ReturnType<typeof readServeInputs>;

function isReadThrough(inputs: Inputs): boolean {
  const text = inputs['read-through'].toLowerCase();
  if (!/^(true|false)?$/.test(text))
    throw new PullError('INPUT_INVALID', 'inputs', 'read-through: expected true or false');
  return text === 'true';
}

function wordsOf(inputs: Inputs, readsThrough: boolean, store: string): readonly string[] {
  return [
    'serve',
    `--port=${inputs.port || '5000'}`,
    `--host=${inputs.host || '127.0.0.1'}`,
    `--store=${store}`,
    ...(readsThrough ? ['--read-through'] : []),
    '--inputs-stdin',
  ];
}

function start(words: readonly string[], inputs: Inputs, log: string) {
  const out = openSync(log, 'wx');
  // What was meant for this step, its secrets too, is not the server's.
  const own = Object.entries(process.env).filter(([name]) => !/^(INPUT_|ACTIONS_|STATE_)/.test(name));
  const child = spawn(process.execPath, [CLI, ...words], {
    detached: true,
    stdio: ['pipe', out, out],
    env: Object.fromEntries(own),
  });
  // Not among its words and variables, which other programs of the user can read.
  child.stdin?.on('error', () => {}).end(JSON.stringify(inputs));
  closeSync(out);
  let over = false;
  child.once('error', () => {
    over = true;
  });
  child.once('exit', () => {
    over = true;
  });
  child.unref();
  return { pid: child.pid ?? 0, ended: () => over };
}

/** The port it says it listens on; throws what it said if it ends, INPUT_INVALID as `serve` does. */
async function listening(log: string, ended: () => boolean): Promise<string> {
  for (const giveUp = Date.now() + START_MS; Date.now() < giveUp; await sleep(LOOK_MS)) {
    const over = ended();
    const port = /^Serving .* at http:\/\/.*:(\d+)/m.exec(readFileSync(log, 'utf8'))?.[1];
    if (port) return port;
    if (over) throw new PullError('INPUT_INVALID', 'serve', cleanLines(log).trim() || 'the server ended silently');
  }
  throw new PullError('INPUT_INVALID', 'serve', `expected the server to listen within ${START_MS / 1000} s`);
}

/** The end of the job: ends the server, and shows what it said. Never fails the job. */
async function post({ pid, log }: ServingState): Promise<void> {
  if (isServer(pid)) {
    process.kill(pid, 'SIGTERM');
    for (const giveUp = Date.now() + END_MS; isServer(pid) && Date.now() < giveUp; ) await sleep(LOOK_MS);
    if (isServer(pid)) process.kill(pid, 'SIGKILL');
  }
  toStdout(cleanLines(log));
}

/** False for a process that has the number by now and is another. */
function isServer(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${CLI}\0serve\0`);
  } catch {
    // Not every system tells.
    return process.platform !== 'linux';
  }
}

const cleanLines = (log: string): string =>
  readFileSync(log, 'utf8')
    .split('\n')
    .map((line) => `${cleanLine(line)}\n`)
    .join('')
    .trimEnd()
    .concat('\n');

/** Its bundle lies beside this one. */
const CLI = path.join(import.meta.dirname, '..', 'cli', 'index.js');

const state = readServing();
try {
  await (state ? post(state) : main());
} catch (error) {
  annotateCrash(error);
  if (!state) process.exitCode = 1;
}
