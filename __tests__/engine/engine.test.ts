import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { detectEngine, type Machine } from '../../src/engine/engine.ts';
import { offerImage } from '../../src/server/offer.ts';
import { type ScriptedDaemon, scriptedDaemon } from '../support/docker-daemon.ts';

const signal = new AbortController().signal;
const bare: Machine = { environment: {}, os: 'linux', exists: () => false, offerImage, pingMs: 1000 };

let daemon: ScriptedDaemon;
let folder: string;
beforeEach(async () => {
  daemon = await scriptedDaemon();
  folder = await mkdtemp(path.join(tmpdir(), 'engine-'));
});
afterEach(async () => {
  await daemon.close();
  await rm(folder, { recursive: true });
});

const socketOf = ({ host }: ScriptedDaemon) => (host.kind === 'socket' ? host.socketPath : '');
const pointedAt = (socket: string): Machine => ({ ...bare, environment: { DOCKER_HOST: `unix://${socket}` } });

describe('engine', () => {
  test('none is none, whatever is there', async () => {
    expect(await detectEngine('none', pointedAt(socketOf(daemon)), signal)).toEqual({});
    expect(await detectEngine('none', { ...bare, environment: { DOCKER_HOST: 'nonsense' } }, signal)).toEqual({});
    expect(daemon.requests).toEqual([]);
  });

  test.each(['auto', 'docker'] as const)('%s is the daemon DOCKER_HOST names', async (choice) => {
    const detected = await detectEngine(choice, pointedAt(socketOf(daemon)), signal);
    expect(detected).toMatchObject({ engine: { title: 'Docker 20.10.24 (overlay2)' } });
    expect(detected.notice).toBeUndefined();
  });

  test('auto is none with a notice where nothing hints at a daemon, docker is an error there', async () => {
    const notice = 'No Docker, Podman or containerd on this runner: images are only stored, not loaded (engine: none).';
    expect(await detectEngine('auto', bare, signal)).toEqual({ notice });
    await expect(detectEngine('docker', bare, signal)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: 'Docker: no socket at /var/run/docker.sock, and DOCKER_HOST is not set',
      hint: expect.stringContaining('engine: none'),
    });
  });

  test('auto finds the rootless socket', async () => {
    const rootless = path.dirname(socketOf(daemon));
    const exists = (file: string) => file === socketOf(daemon);
    const detected = await detectEngine(
      'auto',
      { ...bare, environment: { XDG_RUNTIME_DIR: rootless }, exists },
      signal,
    );
    expect(detected.engine?.title).toContain('Docker');
  });

  test('on Windows auto is none with a notice, docker is an error', async () => {
    const windows: Machine = { ...pointedAt(socketOf(daemon)), os: 'win32' };
    expect(await detectEngine('auto', windows, signal)).toEqual({
      notice: 'On Windows images are only stored, not loaded (engine: none).',
    });
    await expect(detectEngine('docker', windows, signal)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      hint: 'Set engine: none.',
    });
    expect(daemon.requests).toEqual([]);
  });
});

/** A folder for the PATH with programs that do as these scripts say. */
async function programs(scripts: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  for (const [name, script] of Object.entries(scripts))
    await writeFile(path.join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: `${bin}:${process.env.PATH?.split(':').filter((it) => it === '/bin' || it === '/usr/bin')[0]}` };
}
const PODMAN = JSON.stringify({
  host: { os: 'linux', arch: 'arm64', serviceIsRemote: false, security: { rootless: true } },
  store: { graphDriverName: 'overlay' },
  version: { Version: '5.8.4' },
});
const CTR = 'case "$*" in version) printf "Server:\\n  Version:  2.1.4\\n" ;; *) echo "--local" ;; esac';

describe('without Docker', () => {
  test('auto is Podman where its program is and works', async () => {
    const environment = await programs({ podman: `echo '${PODMAN}'`, ctr: CTR });
    const { engine, notice } = await detectEngine('auto', { ...bare, environment, exists: () => false }, signal);
    expect(engine).toMatchObject({ title: 'Podman 5.8.4 (overlay, rootless)', holdsPlatforms: false });
    expect(engine?.platform).toEqual({ os: 'linux', architecture: 'arm64' });
    expect(notice).toBeUndefined();
  });

  test('auto is containerd where its socket and ctr are', async () => {
    const environment = { ...(await programs({ ctr: CTR })), PATH: path.join(folder, 'bin') };
    const socket = path.join(folder, 'containerd.sock');
    await writeFile(socket, '');
    const given = { ...environment, CONTAINERD_ADDRESS: socket, CONTAINERD_NAMESPACE: 'k8s.io' };
    const { engine } = await detectEngine('auto', { ...bare, environment: given }, signal);
    expect(engine).toMatchObject({ title: 'containerd 2.1.4 (namespace k8s.io)', holdsPlatforms: true });
  });

  test('a Podman that does not work is left out with a notice that says why, and is an error where it was asked for', async () => {
    await programs({ podman: 'echo "Error: cannot re-exec process" >&2; exit 125' });
    const environment = { PATH: path.join(folder, 'bin') };
    expect(await detectEngine('auto', { ...bare, environment }, signal)).toEqual({
      notice:
        'Podman is left out, for it does not work here: podman info failed: Error: cannot re-exec process. No other engine on this runner: images are only stored, not loaded (engine: none).',
    });
    await expect(detectEngine('podman', { ...bare, environment }, signal)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: 'Podman: podman info failed: Error: cannot re-exec process',
      hint: 'Make `podman info` work for this user, or set engine: none.',
    });
  });

  test('a Podman elsewhere is refused', async () => {
    await programs({ podman: `echo '${PODMAN.replace('"serviceIsRemote":false', '"serviceIsRemote":true')}'` });
    const environment = { PATH: path.join(folder, 'bin') };
    await expect(detectEngine('podman', { ...bare, environment }, signal)).rejects.toMatchObject({
      message: expect.stringContaining('speaks for a service elsewhere'),
    });
  });

  test.each(['podman', 'containerd'] as const)('%s without its program is an error', async (choice) => {
    const program = choice === 'podman' ? 'podman' : 'ctr';
    const socket = path.join(folder, 'containerd.sock');
    await writeFile(socket, '');
    const environment = { PATH: folder, CONTAINERD_ADDRESS: socket };
    await expect(detectEngine(choice, { ...bare, environment }, signal)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: `${program}: not on the PATH`,
      hint: `Install ${program}, or set engine: none.`,
    });
  });

  test.each([
    ['connect: permission denied', 'permission denied', 'Run as a user that may open the socket, or set engine: none.'],
    ['connect: connection refused', 'connection refused: no daemon listens there', expect.stringContaining('Start')],
    ['##[error] odd', '# #[error] odd', expect.stringContaining('Start the daemon')],
  ])('containerd that says %s is an error', async (said, reason, hint) => {
    await programs({ ctr: `echo 'ctr: ${said}' >&2; exit 1` });
    const socket = path.join(folder, 'containerd.sock');
    await writeFile(socket, '');
    const environment = { PATH: path.join(folder, 'bin'), CONTAINERD_ADDRESS: socket };
    await expect(detectEngine('auto', { ...bare, environment }, signal)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(new RegExp(`^containerd: ${socket}: .*${reason.replace('[', '\\[')}$`)),
      hint,
    });
  });
});

describe('a daemon that is there and refuses is an error, also under auto:', () => {
  const refusal = async (machine: Machine) =>
    detectEngine('auto', machine, signal).then(
      () => undefined,
      (error: unknown) => error,
    );

  test('no socket where DOCKER_HOST says', async () => {
    expect(await refusal(pointedAt(path.join(folder, 'none.sock')))).toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: `Docker: DOCKER_HOST=unix://${folder}/none.sock: no such socket`,
      hint: 'Start the daemon, correct DOCKER_HOST, or set engine: none.',
    });
  });

  test('nobody listens', async () => {
    const file = path.join(folder, 'dead.sock');
    await writeFile(file, '');
    expect(await refusal(pointedAt(file))).toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: `Docker: DOCKER_HOST=unix://${file}: connection refused: no daemon listens there`,
    });
  });

  test('a port where nobody listens', async () => {
    expect(await refusal({ ...bare, environment: { DOCKER_HOST: 'tcp://127.0.0.1:1' } })).toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: 'Docker: DOCKER_HOST=tcp://127.0.0.1:1: connection refused: no daemon listens there',
    });
  });

  test('permission denied', async () => {
    const socket = socketOf(daemon);
    await chmod(socket, 0o600);
    const error = await asNobody(socket, () => refusal(pointedAt(socket)));
    expect(error).toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: `Docker: DOCKER_HOST=unix://${socket}: permission denied`,
      hint: 'Add the user to the docker group, or set engine: none.',
    });
    expect(daemon.requests).toEqual([]);
  });

  test('a DOCKER_HOST that cannot be spoken to', async () => {
    expect(await refusal({ ...bare, environment: { DOCKER_HOST: 'ssh://host' } })).toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
    });
  });
});

/** Root may enter anywhere, so it becomes nobody for a moment; anybody else is shut out by the mode. */
async function asNobody<T>(socket: string, task: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0 || !process.seteuid) {
    await chmod(socket, 0o000);
    return task();
  }
  await chmod(path.dirname(socket), 0o755);
  process.seteuid(65_534);
  try {
    return await task();
  } finally {
    process.seteuid(0);
  }
}
