import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PullError } from './errors.ts';
import { annotateCrash } from './github/annotations.ts';
import { toStdout } from './github/commands.ts';
import { publishServing, readServeInputs, readServing, type ServingState, saveServing } from './github/serving.ts';
import { storeRoot } from './github/store-root.ts';
import { cleanLine } from './lib/clean.ts';

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
  const { pid, ended } = start(wordsOf(inputs, store), inputs['github-token'], log);
  saveServing({ pid, log });
  const port = await listening(log, ended);
  toStdout(cleanLines(log));
  await publishServing({ registry: `localhost:${port}`, store });
}

function wordsOf(inputs: ReturnType<typeof readServeInputs>, store: string): readonly string[] {
  if (!/^(true|false)?$/i.test(inputs['read-through']))
    throw new PullError('INPUT_INVALID', 'inputs', 'read-through: expected true or false');
  const each = (option: string, text: string) =>
    text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [`${option}=${line.trim()}`]));
  return [
    'serve',
    `--port=${inputs.port || '5000'}`,
    `--host=${inputs.host || '127.0.0.1'}`,
    `--store=${store}`,
    ...(inputs['read-through'].toLowerCase() === 'true' ? ['--read-through'] : []),
    ...each('--mirror', inputs.mirrors),
    ...each('--insecure-registry', inputs['insecure-registries']),
  ];
}

function start(words: readonly string[], token: string, log: string) {
  const out = openSync(log, 'wx');
  // What was meant for this step, its secrets too, is not the server's.
  const own = Object.entries(process.env).filter(([name]) => !/^(INPUT_|ACTIONS_|STATE_)/.test(name));
  const child = spawn(process.execPath, [CLI, ...words], {
    detached: true,
    stdio: ['ignore', out, out],
    env: { ...Object.fromEntries(own), ...(token === '' ? {} : { GITHUB_TOKEN: token }) },
  });
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
