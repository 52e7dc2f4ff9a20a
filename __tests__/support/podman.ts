import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface OwnPodman {
  /** What `podman` is to be run with, so that it uses storage of its own. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the `podman` command prints; rejects with its stderr if it fails. */
  podman(...args: readonly string[]): Promise<string>;
  /** What a container prints, from what is there alone and without a network. */
  runs(name: string, ...command: readonly string[]): Promise<string>;
  dispose(): Promise<void>;
}

/** Podman with storage of its own, in a temporary folder or below the one given; containers start without systemd and without limits. */
export async function ownPodman(below?: string): Promise<OwnPodman> {
  const folder = await mkdtemp(path.join(below ?? tmpdir(), 'pull-image-podman-test-'));
  const storage = path.join(folder, 'storage.conf');
  const containers = path.join(folder, 'containers.conf');
  const paths = `graphroot = "${folder}/graph"\nrunroot = "${folder}/run"\n`;
  await writeFile(storage, `[storage]\ndriver = "${process.getuid?.() === 0 ? 'overlay' : 'vfs'}"\n${paths}`);
  await writeFile(containers, '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "none"\n');
  const environment = {
    ...process.env,
    CONTAINER_HOST: undefined,
    CONTAINERS_STORAGE_CONF: storage,
    CONTAINERS_CONF: containers,
  };
  const podman = async (...args: readonly string[]) => (await run('podman', args, { env: environment })).stdout.trim();
  return {
    environment,
    podman,
    runs: (name, ...command) =>
      podman(
        ...['run', '--rm', '--pull', 'never', '--network', 'none'],
        // The hard limits of this machine may be lower than Podman's own.
        ...['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'],
        ...[name, ...command],
      ),
    async dispose() {
      // Storage that is mounted somewhere cannot be removed from outside.
      await podman('system', 'reset', '--force').catch(() => {});
      await rm(folder, { recursive: true, force: true });
    },
  };
}
