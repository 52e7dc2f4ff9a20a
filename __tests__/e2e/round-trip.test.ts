import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BagRegistry, bagRegistry } from '../support/bag-registry.ts';
import { imageBag } from '../support/image-builder.ts';
import { newerDocker, type OwnDocker, ownDocker } from '../support/own-docker.ts';
import { ownPodman } from '../support/podman.ts';
import { NEWER_DOCKER, realTest } from '../support/real-parts.ts';
import { type Identity, identityAt, ownCommands, skopeoCopy } from '../support/round-trip.ts';
import { type Served, served } from '../support/serving.ts';

let folder: string;
let source: BagRegistry;
let goal: Served;
/** What the image is before anybody had it. */
let before: Identity;
/** Where it comes from. */
let name: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-round-trip-'));
  const bag = imageBag();
  bag.tag('team/app', '1', await bag.image({ layers: ['base', 'app'], layerSize: 50_000 }));
  source = await bagRegistry(bag);
  goal = await served();
  before = await identityAt(source.host, 'team/app', '1');
  name = `${source.host}/team/app:1`;
});
afterEach(async () => {
  await goal.dispose();
  await source.close();
  await rm(folder, { recursive: true, force: true });
});

const file = (name: string) => path.join(folder, name);
const first = () => ownCommands(file('first'));
const second = () => ownCommands(file('second'));

let trips = 0;
/** From the archive on it is ours alone: load, push, and pull again. */
async function restIsOurs(archive: string): Promise<Identity> {
  trips += 1;
  const [back, again] = [`${goal.host}/back/${trips}:1`, file(`again-${trips}.tar`)];
  const [loaded = ''] = await second().load(archive);
  await second().push(loaded, back);
  // A store that is empty: whatever comes out of it was pulled.
  await ownCommands(file(`empty-${trips}`)).save(back, again);
  expect(await ownCommands(file(`other-${trips}`)).load(again)).toEqual([back]);
  return identityAt(goal.host, `back/${trips}`, '1');
}

/** Until the archive it was ours alone. */
async function saved(): Promise<string> {
  await first().save(name, file('saved.tar'));
  return file('saved.tar');
}

async function withDocker(work: (own: OwnDocker) => Promise<void>, newer?: string): Promise<void> {
  const own = await ownDocker(newer ? { newer, store: 'containerd' } : {});
  try {
    await own.start();
    await work(own);
  } finally {
    await own.dispose();
  }
}

async function withPodman(work: (podman: (...args: string[]) => Promise<string>) => Promise<void>): Promise<void> {
  const own = await ownPodman(folder);
  try {
    await work(own.podman);
  } finally {
    await own.dispose();
  }
}

describe('pull, save, load, push and pull again', () => {
  test('all of it ours: the same digest', async () => {
    expect(await restIsOurs(await saved())).toEqual(before);
  }, 30_000);

  realTest('skopeo')(
    'skopeo in the place of each: the same digest',
    async () => {
      await skopeoCopy(`docker://${name}`, `oci-archive:${file('skopeo.tar')}:team/app:1`);
      expect(await restIsOurs(file('skopeo.tar'))).toEqual(before);
      const ours = await saved();
      await skopeoCopy(`oci:${file('first')}:${name}`, `oci-archive:${file('of-store.tar')}:team/app:1`);
      expect(await restIsOurs(file('of-store.tar'))).toEqual(before);
      await skopeoCopy(`oci-archive:${ours}`, `docker://${goal.host}/skopeo/of-archive:1`);
      expect(await identityAt(goal.host, 'skopeo/of-archive', '1')).toEqual(before);
      await skopeoCopy(`oci:${file('first')}:${name}`, `docker://${goal.host}/skopeo/of-store:1`);
      expect(await identityAt(goal.host, 'skopeo/of-store', '1')).toEqual(before);
      await skopeoCopy(`docker://${goal.host}/skopeo/of-store:1`, `oci-archive:${file('pulled.tar')}:team/app:1`);
      expect(await restIsOurs(file('pulled.tar'))).toEqual(before);
    },
    60_000,
  );
});

/** What stays where layers are compressed anew, or kept uncompressed: the config, and with it the image ID. */
const { objectContaining } = expect;
const sameImage = () => objectContaining({ config: before.config, diffIds: before.diffIds });

describe('Docker before 25 and Podman keep layers unpacked, so the manifest is another; config and diff IDs stay:', () => {
  realTest('docker', 'dockerd')(
    'docker pull and save, then ours; and ours, then docker load and push',
    async () => {
      await withDocker(async ({ docker }) => {
        await docker('pull', name);
        await docker('save', '--output', file('docker.tar'), name);
        expect(await restIsOurs(file('docker.tar'))).toEqual(sameImage());
        await docker('rmi', name);
        expect(await docker('load', '--input', await saved())).toContain(name);
        await docker('tag', name, `${goal.host}/docker:1`);
        await docker('push', `${goal.host}/docker:1`);
        const pushed = await identityAt(goal.host, 'docker', '1');
        expect(pushed).toEqual(sameImage());
        // Nobody loses it any more from there on.
        expect(await docker('pull', `${goal.host}/docker:1`)).toContain(pushed.digest);
        await first().save(`${goal.host}/docker:1`, file('pushed.tar'));
        expect(await restIsOurs(file('pushed.tar'))).toEqual(pushed);
      });
    },
    90_000,
  );

  realTest('podman')(
    'podman pull and save, then ours; and ours, then podman load and push',
    async () => {
      await withPodman(async (podman) => {
        await podman('pull', '--quiet', '--tls-verify=false', name);
        for (const format of ['oci-archive', 'docker-archive']) {
          await podman('save', '--quiet', '--format', format, '--output', file(format), name);
          expect(await restIsOurs(file(format))).toEqual(sameImage());
        }
        await podman('rmi', name);
        await podman('load', '--quiet', '--input', await saved());
        await podman('push', '--quiet', '--tls-verify=false', name, `${goal.host}/podman:1`);
        const pushed = await identityAt(goal.host, 'podman', '1');
        expect(pushed).toEqual(sameImage());
        await podman('pull', '--quiet', '--tls-verify=false', `${goal.host}/podman:1`);
        await first().save(`${goal.host}/podman:1`, file('pushed.tar'));
        expect(await restIsOurs(file('pushed.tar'))).toEqual(pushed);
      });
    },
    90_000,
  );
});

describe('Docker with the containerd store keeps layers as they are:', () => {
  realTest(NEWER_DOCKER)(
    'each way round with the same digest',
    async () => {
      await withDocker(async ({ docker }) => {
        const archive = await saved();
        const start = `${goal.host}/start:1`;
        await first().push(name, start);
        await docker('pull', start);
        await docker('save', '--output', file('docker.tar'), start);
        expect(await restIsOurs(file('docker.tar'))).toEqual(before);
        await docker('rmi', start);
        expect(await docker('load', '--input', archive)).toContain(name);
        await docker('tag', name, `${goal.host}/docker:1`);
        await docker('push', `${goal.host}/docker:1`);
        expect(await identityAt(goal.host, 'docker', '1')).toEqual(before);
      }, newerDocker());
    },
    90_000,
  );
});
