import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { connectDocker } from '../../src/engine/docker.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import { type ImageBag, imageBag, layerOf } from '../support/image-builder.ts';
import { loadableFrom } from '../support/loadable.ts';
import { ownPodman } from '../support/podman.ts';
import { ROOT, realTest } from '../support/real-parts.ts';
import { type ServedBag, servedBag } from '../support/served-bag.ts';

const run = promisify(execFile);
const project = path.resolve(import.meta.dirname, '../..');

let folder: string;
let bag: ImageBag;
let server: ServedBag;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-podman-ways-'));
  bag = imageBag();
  server = await servedBag(bag);
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function zstdImage() {
  const { bytes, diffId } = await layerOf('zstd', 100_000);
  const rootfs = { type: 'layers', diff_ids: [diffId] };
  const config = bag.add(OCI_CONFIG, { os: 'linux', architecture: 'amd64', config: {}, rootfs });
  const zstd = zlib.zstdCompressSync(zlib.gunzipSync(bytes));
  const layers = [bag.add('application/vnd.oci.image.layer.v1.tar+zstd', zstd)];
  return bag.add(OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers });
}

realTest('podman')(
  'a Podman behind DOCKER_HOST is called Podman, and takes images as Docker does, zstd and digests included',
  async () => {
    const own = await ownPodman();
    const socketPath = path.join(folder, 'podman.sock');
    const service: ChildProcess = spawn('podman', ['system', 'service', '--time=0', `unix://${socketPath}`], {
      env: own.environment,
      stdio: 'ignore',
    });
    const gone = once(service, 'close');
    try {
      const from = `DOCKER_HOST=unix://${socketPath}`;
      const engine = await connectDocker({ kind: 'socket', socketPath, from }, new AbortController().signal);
      expect(engine.title).toMatch(/^Podman \d/);
      const loadable = loadableFrom(bag, 'pull-image-test/zstd:1', await zstdImage());
      const held = await engine.load(loadable, bag.source);
      expect(held).toMatchObject({ imageId: loadable.manifest.config.digest, local: 'pull-image-test/zstd:1' });
      expect(await engine.present(loadable)).toEqual(held);
    } finally {
      service.kill('SIGTERM');
      await gone;
      await own.dispose();
    }
  },
  60_000,
);

/** Nobody: a user without subordinate ids, as strict as rootless gets. */
const NOBODY = 65_534;

realTest('podman', 'setpriv', ROOT)(
  'rootless Podman holds what was pulled for it',
  async () => {
    await chmod(folder, 0o755);
    const home = path.join(folder, 'home');
    const runtime = path.join(folder, 'run');
    for (const each of [home, runtime]) {
      await mkdir(each, { mode: 0o700 });
      await chown(each, NOBODY, NOBODY);
    }
    const storage = path.join(folder, 'storage.conf');
    const containers = path.join(folder, 'containers.conf');
    const roots = `graphroot = "${home}/graph"\nrunroot = "${runtime}/containers"\n`;
    const alone = '[storage.options]\nignore_chown_errors = "true"\n';
    await writeFile(storage, `[storage]\ndriver = "vfs"\n${roots}${alone}`);
    await writeFile(containers, '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "none"\n');
    const env = {
      PATH: process.env.PATH,
      HOME: home,
      XDG_RUNTIME_DIR: runtime,
      CONTAINERS_STORAGE_CONF: storage,
      CONTAINERS_CONF: containers,
    };
    const asNobody = (...args: readonly string[]) =>
      run('setpriv', [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', ...args], { env, cwd: folder });

    bag.tag('app', '1', bag.index([await bag.image({ layers: ['base', 'top'] })]));
    const name = `${server.host}/app:1`;
    // The folders above the checkout may be closed to others.
    const checkout = path.join(folder, 'checkout');
    await mkdir(checkout);
    await run('mount', ['--bind', project, checkout]);
    const within = path.relative(project, process.execPath);
    const node = within.startsWith('..') ? process.execPath : path.join(checkout, within);
    const { stdout } = await asNobody(
      ...[node, '--disable-warning=ExperimentalWarning', path.join(checkout, 'src/cli.ts')],
      ...['pull', name, '--engine', 'podman', '--platform', 'linux/amd64'],
    ).finally(() => run('umount', [checkout]));
    expect(stdout).toMatch(/into Podman .*rootless\)/);
    expect(stdout).toContain(`✓ ${name}`);
    const { stdout: inspected } = await asNobody('podman', 'image', 'inspect', name);
    expect(JSON.parse(inspected)).toHaveLength(1);
  },
  60_000,
);
