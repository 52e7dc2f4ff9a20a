import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A later Docker unpacked beside the installed one: the folder `NEWER_DOCKER` names. */
export const newerDocker = (): string | undefined => {
  const folder = process.env.NEWER_DOCKER;
  return folder && existsSync(path.join(folder, 'root/usr/sbin/dockerd')) ? folder : undefined;
};

export interface OwnDocker {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly socket: string;
  /** What the `docker` command prints; rejects with its stderr if it fails. */
  docker(...args: readonly string[]): Promise<string>;
  /** What a container prints, from what is there alone and without a network. */
  runs(name: string, ...command: readonly string[]): Promise<string>;
  start(): Promise<void>;
  /** Ends the daemon, at once on request; what it holds stays. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  dispose(): Promise<void>;
}

export interface OwnDockerOptions {
  /** The folder of a later Docker; the installed one unless given. */
  readonly newer?: string | undefined;
  readonly store?: 'graphdriver' | 'containerd';
  /** Where its data lies; a temporary folder unless given. */
  readonly data?: string | undefined;
  /** What it asks before Docker Hub. */
  readonly mirrors?: readonly string[];
}

/** A Docker daemon with data and socket of its own and no network, not yet started. */
export async function ownDocker({
  newer,
  store = 'graphdriver',
  data,
  mirrors = [],
}: OwnDockerOptions = {}): Promise<OwnDocker> {
  const folder = await mkdtemp(path.join(tmpdir(), 'own-docker-'));
  const socket = path.join(folder, 'docker.sock');
  const config = path.join(folder, 'daemon.json');
  await mkdir(path.join(folder, 'data'));
  await writeFile(
    config,
    JSON.stringify({
      'registry-mirrors': mirrors,
      ...(newer ? { features: { 'containerd-snapshotter': store === 'containerd' } } : {}),
    }),
  );
  const root = newer && path.join(newer, 'root/usr');
  const PATH = root ? `${root}/bin:${root}/sbin:${process.env.PATH}` : process.env.PATH;
  const { DOCKER_CONTEXT: _, ...inherited } = process.env;
  const environment = { ...inherited, DOCKER_HOST: `unix://${socket}`, DOCKER_TLS_VERIFY: undefined };
  const docker = async (...args: readonly string[]) =>
    (await run('docker', args, { env: environment, maxBuffer: 64 * 1024 * 1024 })).stdout.trim();
  let daemon: { readonly kill: (signal: NodeJS.Signals) => void; readonly gone: Promise<unknown> } | undefined;

  async function start(): Promise<void> {
    // What a daemon that was killed left there keeps the next one from starting its containerd.
    await rm(path.join(folder, 'exec'), { recursive: true, force: true });
    const args = ['--config-file', config, '--data-root', data ?? path.join(folder, 'data')];
    const own = ['--exec-root', path.join(folder, 'exec'), '--pidfile', path.join(folder, 'pid')];
    const alone = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--host', `unix://${socket}`];
    const program = root ? path.join(root, 'sbin/dockerd') : 'dockerd';
    const child = spawn(program, [...args, ...own, ...alone], { env: { ...process.env, PATH }, stdio: 'ignore' });
    daemon = { kill: (signal) => child.kill(signal), gone: once(child, 'close') };
    for (let tries = 0; ; tries += 1) {
      try {
        await docker('version');
        return;
      } catch (error) {
        if (child.exitCode !== null || tries > 150) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  async function stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    daemon?.kill(signal);
    await daemon?.gone;
    daemon = undefined;
  }

  return {
    environment,
    socket,
    docker,
    runs: (name, ...command) => docker('run', '--rm', '--pull', 'never', '--network', 'none', name, ...command),
    start,
    stop,
    async dispose() {
      await stop();
      // A daemon that was killed leaves its data mounted upon itself.
      if (data === undefined) await run('umount', [path.join(folder, 'data')]).catch(() => {});
      await rm(folder, { recursive: true, force: true });
    },
  };
}
