import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { cpuOf, memoryOf, treeOf } from './processes.ts';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** The pid of a server that does the work for it: its CPU and memory count. */
  readonly daemon?: number | undefined;
}

export interface Measured {
  readonly wallMs: number;
  readonly cpuSeconds: number;
  /** The sum over the processes that ran side by side of what each held at most. */
  readonly peakBytes: number;
  readonly stdout: string;
}

const SAMPLE_MS = 20;

/** Runs a command to its end, one at a time in this process; throws what it said if it did not end well. */
export async function measure({ file, args, environment = {}, daemon }: Command): Promise<Measured> {
  const cpuBefore = cpuSoFar(daemon);
  // From here on the server's peak is a new one.
  if (daemon) for (const pid of treeOf(daemon)) writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const startedAt = performance.now();
  const child = spawn(file, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  let peakBytes = 0;
  const sample = () => {
    const pids = [child.pid, daemon].flatMap((pid) => (pid ? treeOf(pid) : []));
    peakBytes = Math.max(
      peakBytes,
      pids.reduce((sum, pid) => sum + memoryOf(pid, 'VmHWM'), 0),
    );
  };
  const timer = setInterval(sample, SAMPLE_MS);
  const closed = once(child, 'close');
  const [code] = await once(child, 'exit');
  const wallMs = performance.now() - startedAt;
  clearInterval(timer);
  await closed;
  if (code !== 0) throw new Error(`${file} ended with ${code}: ${(stderr || stdout).trim().slice(-500)}`);
  return { wallMs, cpuSeconds: cpuSoFar(daemon) - cpuBefore, peakBytes, stdout };
}

/** Of what this process has waited for, and of the server. */
function cpuSoFar(daemon: number | undefined): number {
  const servers = daemon ? treeOf(daemon).map(cpuOf) : [];
  return cpuOf(process.pid).children + servers.reduce((sum, { own, children }) => sum + own + children, 0);
}
