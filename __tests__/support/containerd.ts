import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface OwnContainerd {
  /** What `ctr` is to be run with to reach it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly address: string;
  /** What the `ctr` command prints; rejects with its stderr if it fails. */
  ctr(...args: readonly string[]): Promise<string>;
  /** What a container prints, from what is there alone. */
  runs(name: string, ...command: readonly string[]): Promise<string>;
  start(): Promise<void>;
  /** Ends it at once; what it holds stays. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** A containerd with root, state and socket of its own, in a temporary folder or below the one given. */
export async function ownContainerd(below?: string): Promise<OwnContainerd> {
  const folder = await mkdtemp(path.join(below ?? tmpdir(), 'pull-image-containerd-test-'));
  const address = path.join(folder, 'containerd.sock');
  const config = path.join(folder, 'config.toml');
  await writeFile(
    config,
    [
      'version = 2',
      'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
      `root = "${folder}/root"`,
      `state = "${folder}/state"`,
      '[grpc]',
      `address = "${address}"`,
      '[ttrpc]',
      `address = "${address}.ttrpc"`,
    ].join('\n'),
  );
  const environment = { ...process.env, CONTAINERD_ADDRESS: address, CONTAINERD_NAMESPACE: 'pull-image-test' };
  const ctr = async (...args: readonly string[]) => (await run('ctr', args, { env: environment })).stdout.trim();
  let daemon: { readonly child: ChildProcess; readonly gone: Promise<unknown> } | undefined;

  async function start(): Promise<void> {
    const child = spawn('containerd', ['--config', config, '--log-level', 'error'], { stdio: 'ignore' });
    daemon = { child, gone: once(child, 'close') };
    for (let tries = 0; ; tries += 1) {
      try {
        await ctr('version');
        return;
      } catch (error) {
        if (child.exitCode !== null || tries > 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    daemon?.child.kill(signal);
    await daemon?.gone;
    daemon = undefined;
  }

  let containers = 0;
  const own: OwnContainerd = {
    environment,
    address,
    ctr,
    start,
    runs: (name, ...command) => {
      containers += 1;
      return ctr('run', '--rm', name, `test-${process.pid}-${containers}`, ...command);
    },
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
  await start().catch(async (error: unknown) => {
    await own.stop();
    throw error;
  });
  return own;
}
