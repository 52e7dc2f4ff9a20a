import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { PullError } from '../errors.ts';
import type { OfferImage } from './offer.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a program left when it ended by itself. */
export interface Ended {
  readonly code: number;
  /** At most the last MiB of each. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** Milliseconds until it must have ended. */
  readonly timeoutMs: number;
}

/** What an engine is spoken to with that has a program instead of an API. */
export interface ProgramOptions {
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly offerImage: OfferImage;
  /** Milliseconds until it has told of itself: 10 s unless given. */
  readonly pingMs?: number | undefined;
  /** Milliseconds until an image is in: 30 minutes unless given. */
  readonly loadMs?: number | undefined;
}

/** Of what a program says no more than this is kept, in characters. */
const KEPT = 1024 * 1024;
/** Milliseconds a program has to clean up after it was told to stop. */
const GRACE = 5_000;

/**
 * Runs a program to its end, with nothing on its standard input. Throws ENGINE_UNAVAILABLE if it cannot be started or has not ended in time, and the signal's
 * reason if that is a PullError, else CANCELLED; by then the program is gone.
 */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const { environment, signal, timeoutMs } = options;
  if (signal.aborted) throw stopped(program, signal);
  const child = spawn(program, args, { env: { ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] = (said[name] + text).slice(-KEPT);
    });
  let late = false;
  let forced: NodeJS.Timeout | undefined;
  const end = () => {
    child.kill('SIGTERM');
    forced ??= setTimeout(() => child.kill('SIGKILL'), GRACE);
  };
  const deadline = setTimeout(() => {
    late = true;
    end();
  }, timeoutMs);
  signal.addEventListener('abort', end, { once: true });
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? -1));
    });
    if (signal.aborted) throw stopped(program, signal);
    if (!late) return { code, ...said };
    throw new PullError('ENGINE_UNAVAILABLE', program, `${args[0] ?? ''}: no end within ${timeoutMs / 1000} s`, {
      hint: 'See whether it hangs when you run it yourself, or set engine: none.',
    });
  } catch (error) {
    if (error instanceof PullError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'not on the PATH' : code === 'EACCES' ? 'may not be executed' : message;
    throw new PullError('ENGINE_UNAVAILABLE', program, reason, {
      hint: `Install ${program}, or set engine: none.`,
      cause: error,
    });
  } finally {
    clearTimeout(deadline);
    clearTimeout(forced);
    signal.removeEventListener('abort', end);
  }
}

/** True if a program of this name can be run from the PATH. */
export function isOnPath(program: string, environment: Environment): boolean {
  return (environment.PATH ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}

function stopped(program: string, signal: AbortSignal): PullError {
  return signal.reason instanceof PullError ? signal.reason : new PullError('CANCELLED', program, 'cancelled');
}
