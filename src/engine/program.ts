import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { PullError } from '../errors.ts';
import { newBell } from '../lib/bell.ts';
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
  /** What is written to its standard input, as far as it reads; nothing unless given. */
  readonly input?: AsyncIterable<Uint8Array> | undefined;
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
 * Runs a program to its end. Throws ENGINE_UNAVAILABLE if it cannot be started or has not ended in time, the signal's reason if that is a PullError, else
 * CANCELLED, and what its input throws as it is; by then the program is gone.
 */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const { environment, signal, timeoutMs, input } = options;
  if (signal.aborted) throw stopped(program, signal);
  const child = spawn(program, args, { env: { ...environment }, stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
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
  let broken: { readonly error: unknown } | undefined;
  if (input && child.stdin)
    feed(child.stdin, input).catch((error: unknown) => {
      broken = { error };
      end();
    });
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? -1));
    });
    if (signal.aborted) throw stopped(program, signal);
    if (broken) throw broken.error;
    if (!late) return { code, ...said };
    throw new PullError('ENGINE_UNAVAILABLE', program, `${args[0] ?? ''}: no end within ${timeoutMs / 1000} s`, {
      hint: 'See whether it hangs when you run it yourself, or set engine: none.',
    });
  } catch (error) {
    if (error instanceof PullError || broken) throw error;
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

/** Writes until all is out, or the program has seen enough: then what it says counts, not the broken pipe. */
async function feed(stdin: Writable, input: AsyncIterable<Uint8Array>): Promise<void> {
  const bell = newBell();
  for (const event of ['drain', 'close', 'error']) stdin.on(event, () => bell.ring());
  for await (const chunk of input) {
    if (stdin.destroyed) return;
    if (!stdin.write(chunk) && !stdin.destroyed) await bell.next();
  }
  stdin.end();
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
