import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ENGINES } from '../support/engines.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { realTest } from '../support/real-parts.ts';
import { type ServedBag, servedBag } from '../support/served-bag.ts';
import { startSource } from '../support/source.ts';
import { flipped } from '../support/store-blobs.ts';
import { type Member, tarArchive } from '../support/tar-archive.ts';
import { tarEntries } from '../support/tar-entries.ts';

const run = promisify(execFile);
let folder: string;
let bag: ImageBag;
let server: ServedBag;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-load-'));
  bag = imageBag();
  server = await servedBag(bag);
  bag.tag('team/app', '1', await bag.image({ layers: ['base', 'app'], layerSize: 20_000 }));
  bag.tag('team/db', '1', bag.index([await bag.image({ layers: ['base', 'db'], layerSize: 20_000 })]));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const file = (name: string) => path.join(folder, name);
const cli = (...args: string[]) => startSource(args, { HOME: folder }).done;
const inOther = (command: string, ...args: string[]) => cli(command, '--store', file('other'), ...args);
const name = (image: string) => `${server.host}/team/${image}:1`;
const inspected = async (...images: string[]) => JSON.parse((await inOther('inspect', ...images)).stdout);
/** The digest of the manifest that an engine runs. */
const manifestOf = (image: string) => {
  const target = bag.catalog.find(`team/${image}`, '1')?.digest ?? '';
  const json = JSON.parse(Buffer.from(bag.blobs.get(target as never)?.bytes ?? []).toString());
  return json.manifests?.[0].digest ?? target;
};

test.each([['x.tar'], ['x.tar.gz'], ['x.tar.zst']])(
  'what is pulled and saved into %s is loaded with equal digests',
  async (archive) => {
    expect(await cli('save', name('app'), name('db'), '--platform', 'linux/amd64', '-o', file(archive))).toMatchObject({
      code: 0,
    });
    const head = (await readFile(file(archive))).subarray(0, 4).toString('hex');
    expect(head).toMatch({ 'x.tar.gz': /^1f8b/, 'x.tar.zst': /^28b52ffd/ }[archive] ?? /^6f63692d/);
    const { code, stdout, stderr } = await inOther('load', '-i', file(archive));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      new RegExp(
        `^Loaded image: ${name('app')}\nDigest: ${manifestOf('app')} \\(linux/amd64\\)\n` +
          `Loaded image: ${name('db')}\nDigest: ${manifestOf('db')} \\(linux/amd64\\)\n7 blobs, .*, all verified; 0 were in the store already\n$`,
      ),
    );
    const before = JSON.parse((await cli('inspect', name('app'))).stdout);
    expect(await inspected(name('app'))).toEqual(before);
    expect((await inOther('load', '-i', file(archive))).stdout).toContain('7 were in the store already');
    await server.close();
    server = await servedBag(bag);
  },
  60_000,
);

test('several saved images share their base, and are saved again with no registry, byte by byte', async () => {
  const both = [name('app'), name('db')];
  await cli('save', ...both, '--platform', 'linux/amd64', '-o', file('one.tar'));
  const entries = await tarEntries(await readFile(file('one.tar')));
  expect(entries.filter((entry) => entry.path.startsWith('blobs/'))).toHaveLength(2 + 2 + 3);
  await inOther('load', '-i', file('one.tar'));
  const asked = server.requests.length;
  expect(
    await inOther('save', ...both, '--pull-policy', 'never', '--platform', 'linux/amd64', '-o', file('two.tar')),
  ).toMatchObject({ code: 0 });
  expect(server.requests.slice(asked)).toEqual([]);
  expect((await readFile(file('two.tar'))).equals(await readFile(file('one.tar')))).toBe(true);
}, 60_000);

describe('is taken from', () => {
  realTest('skopeo')(
    'skopeo: docker-archive and oci-archive',
    async () => {
      const from = ['--insecure-policy', 'copy', '--src-tls-verify=false', `docker://${name('app')}`];
      await run('skopeo', [...from, `docker-archive:${file('d.tar')}:team/app:skopeo`]);
      await run('skopeo', [...from, `oci-archive:${file('o.tar')}:team/app:oci`]);
      expect((await inOther('load', '-i', file('d.tar'))).stdout).toContain('Loaded image: team/app:skopeo\n');
      expect((await inOther('load', '-i', file('o.tar'))).stdout).toContain('Loaded image: team/app:oci\n');
      const [docker, oci] = await inspected('team/app:skopeo', 'team/app:oci');
      expect(oci.Id).toBe(manifestOf('app'));
      // A docker-archive holds plain layers: another manifest over the same content.
      const diffIds = ({ Manifests }: typeof oci) =>
        Manifests[0].Layers.map(({ DiffID }: { DiffID: string }) => DiffID);
      expect(diffIds(docker)).toEqual(diffIds(oci));
      expect(docker.Manifests[0].Layers.map(({ Digest }: { Digest: string }) => Digest)).toEqual(diffIds(oci));
      expect(docker.Manifests[0].ConfigDigest).toBe(oci.Manifests[0].ConfigDigest);
    },
    60_000,
  );

  const save: Record<string, readonly string[]> = {
    docker: ['save', '-o'],
    podman: ['save', '--multi-image-archive', '-o'],
    containerd: ['images', 'export', '--platform', 'linux/amd64'],
  };
  for (const { title, engine, parts, make } of ENGINES)
    realTest(...parts)(
      `${title}, two images at once`,
      async () => {
        const both = [name('app'), name('db')];
        await cli('save', ...both, '--platform', 'linux/amd64', '-o', file('x.tar'));
        const own = await make();
        try {
          const load = engine === 'containerd' ? ['images', 'import', '--all-platforms'] : ['load', '-i'];
          await own.command(...load, file('x.tar'));
          await own.command(...(save[engine] ?? []), file('back.tar'), ...both);
        } finally {
          await own.dispose();
        }
        const { code, stdout, stderr } = await inOther('load', '-i', file('back.tar'));
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        for (const image of both) expect(stdout).toContain(`Loaded image: ${image}\n`);
        const content = ({ Manifests: [manifest] }: Inspected) => [
          manifest?.ConfigDigest,
          manifest?.Layers.map(({ DiffID }) => DiffID),
        ];
        const mine: Inspected[] = JSON.parse((await inOther('inspect', ...both)).stdout);
        await inOther('load', '-i', file('x.tar'));
        expect(mine.map(content)).toEqual(((await inspected(...both)) as Inspected[]).map(content));
      },
      120_000,
    );
});

interface Inspected {
  readonly Manifests: readonly {
    readonly ConfigDigest: string;
    readonly Layers: readonly { readonly DiffID: string }[];
  }[];
}

describe('is refused in words, and named nothing:', () => {
  const saved = async () => {
    await cli('save', name('app'), '--platform', 'linux/amd64', '-o', file('x.tar'));
    return readFile(file('x.tar'));
  };
  const refused = async (archive: Uint8Array, ...args: string[]) => {
    await writeFile(file('bad.tar'), archive);
    const { code, stdout, stderr } = await inOther('load', '-i', file('bad.tar'), ...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).not.toMatch(/^\s+at /m);
    expect((await inOther('ls', '-q')).stdout).toBe('');
    return stderr;
  };

  test('a wrong byte', async () => {
    const archive = await saved();
    expect(await refused(flipped(archive, archive.byteLength - 10_000))).toMatch(
      /expected sha256:[0-9a-f]{64}, found sha256:/,
    );
  }, 30_000);

  test('an archive that is cut short', async () => {
    expect(await refused((await saved()).subarray(0, -15_000))).toMatch(/bad\.tar: ends within blobs\/sha256\//);
  }, 30_000);

  test('what is no archive', async () => {
    expect(await refused(Buffer.alloc(2000, 'x'))).toContain('bad.tar: is no tar, or damaged');
    expect(await refused(tarArchive([{ name: 'etc/passwd', content: 'x' }]))).toContain(
      'holds no image. Give an archive of docker save, podman save,',
    );
  }, 30_000);

  test('an archive without a layer', async () => {
    const layer = JSON.parse(Buffer.from(bag.blobs.get(manifestOf('app') as never)?.bytes ?? []).toString()).layers[1]
      .digest;
    const members = (await tarEntries(await saved())).filter((entry) => !entry.path.includes(layer.slice(7)));
    const archive = tarArchive(members.map(({ path: at, bytes }): Member => ({ name: at, content: bytes })));
    expect(await refused(archive)).toContain(`the archive lacks ${layer}. Save the image again`);
  }, 30_000);

  test('an image without a name, until it is given one', async () => {
    const members = (await tarEntries(await saved())).filter((entry) => entry.path !== 'manifest.json');
    const nameless = members.map(
      ({ path: at, bytes }): Member => ({
        name: at,
        content: at === 'index.json' ? bytes.toString().replace(/"annotations":\{[^}]*\}/, '"annotations":{}') : bytes,
      }),
    );
    expect(await refused(tarArchive(nameless))).toContain('Give it one with --tag NAME.');
    const { stdout } = await inOther('load', '-i', file('bad.tar'), '--tag', 'mine');
    expect(stdout).toMatch(/^Loaded image: mine:latest\n/);
  }, 30_000);

  test('links that lead nowhere, and names that lead out', async () => {
    const manifest = JSON.stringify([{ Config: '../../config.json', RepoTags: ['x:1'], Layers: [] }]);
    const members: Member[] = [
      { name: '../../config.json', type: 'symlink', target: 'config.json' },
      { name: 'manifest.json', content: manifest },
    ];
    expect(await refused(tarArchive(members))).toContain(
      'manifest.json names ../../config.json, which is not in the archive',
    );
  }, 30_000);
});

test('what is no archive but a folder, or not there, is one line that says what to do, for load and for import', async () => {
  const asked = (at: string) => [
    { args: ['load', '-i', at], into: 'pull-image load' },
    { args: ['import', at, 'x:1'], into: 'pull-image import - x:1' },
  ];
  for (const { args, into } of asked(folder))
    expect(await cli(...args)).toEqual({
      ...{ code: 1, signal: null, stdout: '' },
      stderr: `${folder}: expected an archive, found a folder. Pack what is in it: tar -C FOLDER -c . | ${into}\n`,
    });
  for (const { args } of asked(file('absent.tar')))
    expect(await cli(...args)).toEqual({
      ...{ code: 1, signal: null, stdout: '' },
      stderr: `${file('absent.tar')}: expected an archive, found nothing there. Correct the path, which begins at ${process.cwd()}.\n`,
    });
}, 30_000);
