import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

const project = path.resolve(import.meta.dirname, '../..');

export interface Said {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  readonly process: ChildProcess;
  readonly done: Promise<Said>;
}

/** Starts a program with nothing of this environment but PATH, and what is given. */
export function start(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  folder = project,
): Program {
  const child = spawn(file, args, {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const done = new Promise<Said>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { process: child, done };
}

/** Starts the committed command line as a terminal would, with the Node of the tests; what Node compiles is not kept in the home folder. */
export function startCli(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Program {
  const words = [path.join(project, 'dist/cli/index.js'), ...args];
  return start(process.execPath, words, { NODE_DISABLE_COMPILE_CACHE: '1', ...environment });
}
