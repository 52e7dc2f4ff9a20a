import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
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
