import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasPart } from '../__tests__/support/installed.ts';

export interface DockerDaemon {
  readonly address: string;
  readonly pid: number;
  readonly version: string;
  /** Removes every image. */
  empty(): void;
  stop(): Promise<void>;
}

/** A Docker daemon of its own, with defaults but for the network; undefined where there is none, or it does not start. */
export async function startDocker(): Promise<DockerDaemon | undefined> {
  if (!hasPart('docker', 'dockerd') || process.getuid?.() !== 0) return undefined;
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-docker-'));
  const address = `unix://${folder}/docker.sock`;
  const folders = [`--data-root=${folder}/data`, `--exec-root=${folder}/exec`, `--pidfile=${folder}/pid`];
  const network = ['--bridge=none', '--iptables=false', '--ip6tables=false'];
  const child = spawn('dockerd', [...folders, ...network, `--host=${address}`], { stdio: 'ignore' });
  const gone = once(child, 'close');
  const docker = (...args: readonly string[]) =>
    execFileSync('docker', ['--host', address, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const stop = async () => {
    child.kill('SIGTERM');
    await gone;
    await rm(folder, { recursive: true, force: true });
  };
  for (let second = 0; second < 30 && child.exitCode === null; second += 1) {
    try {
      const version = docker('version', '--format', '{{.Server.Version}}').trim();
      return { address, pid: child.pid ?? 0, version, empty: () => void docker('system', 'prune', '-af'), stop };
    } catch {
      await sleep(1000);
    }
  }
  await stop();
  return undefined;
}
