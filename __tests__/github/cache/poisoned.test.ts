import { chmod, link, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type CacheJob, openJob, putArchive, putEntry } from '../../support/cache-job.ts';
import { type CacheService, startCacheService } from '../../support/cache-service.ts';
import { tempFolder } from '../../support/store-blobs.ts';
import { compressed, type Member, pax, tarArchive } from '../../support/tar-archive.ts';

let service: CacheService;
let job: CacheJob;
let outside: Awaited<ReturnType<typeof tempFolder>>;
beforeAll(async () => {
  service = await startCacheService();
  // In another locale names that are no text would be seen by nobody.
  job = await openJob(service, { environment: { LC_ALL: 'C.UTF-8', LANG: 'C.UTF-8', TAR_OPTIONS: '--overwrite' } });
});
afterAll(async () => {
  await job.dispose();
  await service.close();
});
beforeEach(async () => {
  outside = await tempFolder();
  await writeFile(path.join(outside.path, 'secret'), 'secret');
});
afterEach(() => outside.dispose());

const FOLDER: Member = { name: 'pull-image/', type: 'folder', mode: 0o755 };
const GOOD: Member = { name: 'pull-image/good', content: 'good' };
const file = (name: string | Buffer): Member => ({ name, content: 'evil' });
const symlink = (name: string | Buffer, target: string | Buffer): Member => ({ name, type: 'symlink', target });
const hardLink = (name: string, target: string): Member => ({ name, type: 'link', target });
const bytes = (...parts: ReadonlyArray<string | number>) =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part))));
/** As many as lead from an operation's folder to the root of the file system. */
const UP = '../'.repeat(20);

type Case = readonly [title: string, members: (outside: string) => readonly Member[], files: readonly string[]];

const CASES: readonly Case[] = [
  ['extra files', () => [FOLDER, GOOD, file('pull-image/extra'), file('other/file'), file('file')], ['extra', 'good']],
  [
    'names nobody saves',
    () => [FOLDER, GOOD, file('pull-image/ a'), file('pull-image/.a'), file('pull-image/::error::x')],
    ['good'],
  ],
  ['a folder in the place of a file', () => [FOLDER, GOOD, file('pull-image/folder/file')], ['good']],
  ['a link in the place of a file', () => [FOLDER, GOOD, symlink('pull-image/a', 'good')], ['good']],
  ['a pipe', () => [FOLDER, GOOD, { name: 'pull-image/p', type: 'fifo' }], ['good']],
  // Only root can make one; others get an error.
  [
    'a device',
    () => [FOLDER, GOOD, { name: 'pull-image/d', type: 'device' }],
    process.getuid?.() === 0 ? ['good'] : [],
  ],
  [
    'absolute names',
    (to) => [FOLDER, GOOD, file(`${to}/a`), file(`//${to}/b`), { name: `${to}/c`, type: 'folder' }],
    ['good'],
  ],
  [
    'an absolute name in a pax header',
    (to) => [FOLDER, GOOD, pax({ path: `${to}/a` }), file('pull-image/a')],
    ['good'],
  ],
  [
    'an absolute name in a sparse pax header',
    (to) => [
      FOLDER,
      GOOD,
      pax({
        'GNU.sparse.major': '0',
        'GNU.sparse.minor': '1',
        'GNU.sparse.name': `${to}/a`,
        'GNU.sparse.size': '4',
        'GNU.sparse.numblocks': '1',
        'GNU.sparse.map': '0,4',
      }),
      file('pull-image/a'),
    ],
    ['good'],
  ],
  [
    'absolute names that are no text',
    (to) => [FOLDER, GOOD, file(bytes(`${to}/a`, 0xff)), file(`${to}/b\nb`)],
    ['good'],
  ],
  [
    'names with ..',
    (to) => [
      FOLDER,
      GOOD,
      ...['../a', 'pull-image/../../b', './../c', `${UP}${to}/d`, `pull-image/..//${UP}${to}/e`, '..'].map(file),
    ],
    ['good'],
  ],
  [
    'a name with .. in a pax header',
    (to) => [FOLDER, GOOD, pax({ path: `${UP}${to}/a` }), file('pull-image/a')],
    ['good'],
  ],
  [
    'names with .. that are no text',
    () => [FOLDER, GOOD, file(bytes('../a', 0xff)), file(bytes(0xff, '/../../b'))],
    ['good'],
  ],
  ['a file below a link to elsewhere', (to) => [FOLDER, GOOD, symlink('pull-image/l', to), file('pull-image/l/a')], []],
  ['a file below a link upwards', (to) => [FOLDER, GOOD, symlink('l', UP), file(`l${to}/a`)], []],
  [
    'a file below a chain of links',
    (to) => [FOLDER, GOOD, symlink('x', '..'), symlink('y', `x/${UP}`), file(`y${to}/a`)],
    [],
  ],
  [
    'a file below a link in a pax header',
    (to) => [FOLDER, GOOD, pax({ linkpath: to }), symlink('l', 'a'), file('l/a')],
    [],
  ],
  [
    'a file below a link that is no text',
    (to) => [
      FOLDER,
      GOOD,
      { name: bytes('refused', 0xff), type: 'folder', mode: 0o755 },
      symlink('l', bytes(0xff, `/../${UP}`)),
      file(`l${to}/a`),
    ],
    [],
  ],
  [
    'a file through a link',
    (to) => [FOLDER, GOOD, symlink('pull-image/l', `${to}/secret`), file('pull-image/l')],
    ['good', 'l'],
  ],
  ['a hard link to a file of this machine', (to) => [FOLDER, GOOD, hardLink('pull-image/h', `${to}/secret`)], []],
  ['a hard link upwards', (to) => [FOLDER, GOOD, hardLink('pull-image/h', `${UP}${to}/secret`)], []],
  ['a link in the place of the folder', (to) => [symlink('pull-image', to), file('pull-image/a')], []],
  ['a file in the place of the folder', () => [file('pull-image')], []],
  ['nothing', () => [], []],
  ['an empty folder', () => [FOLDER], []],
];

test.each(CASES)(
  '%s: only files that belong there come out, and nothing is written elsewhere',
  async (title, members, expected) => {
    const key = `entry-${title.replace(/\W/g, '-')}-`;
    const before = await readdir(job.folder);
    await putEntry(service, key, members(outside.path));
    const entry = await job.cache.restore(key);
    expect((entry?.files ?? []).map(({ name }) => name).sort()).toEqual(expected);

    expect(await readdir(outside.path)).toEqual(['secret']);
    expect(await readFile(path.join(outside.path, 'secret'), 'utf8')).toBe('secret');
    expect((await stat(path.join(outside.path, 'secret'))).nlink).toBe(1);
    expect((await readdir(job.folder)).filter((name) => !before.includes(name) && name !== 'staging')).toEqual([]);
    await entry?.dispose();
    const [run = ''] = await readdir(path.join(job.folder, 'staging'));
    expect(await readdir(path.join(job.folder, 'staging', run))).toEqual([]);
  },
);

test('modes and owners an archive names do not matter', async () => {
  const members: readonly Member[] = [
    { ...FOLDER, mode: 0 },
    { ...GOOD, mode: 0o4777 },
    { name: 'pull-image/closed/', type: 'folder', mode: 0 },
  ];
  await putEntry(service, 'modes', members);
  const entry = await job.cache.restore('modes');
  const found = await stat(entry?.files[0]?.path ?? '');
  expect([found.uid, found.mode & 0o7000]).toEqual([process.getuid?.(), 0]);
  await entry?.dispose();
  await expect(stat(entry?.files[0]?.path ?? '')).rejects.toMatchObject({ code: 'ENOENT' });
});

const WHOLE = compressed(tarArchive([FOLDER, GOOD, { name: 'pull-image/more', content: Buffer.alloc(100_000, 'x') }]));

test.each([
  ['cut off', WHOLE.subarray(0, -20)],
  [
    'cut off and compressed after',
    compressed(tarArchive([FOLDER, GOOD, { name: 'pull-image/more', content: Buffer.alloc(5000) }]).subarray(0, 3000)),
  ],
  ['empty', Buffer.alloc(0)],
  ['no archive at all', Buffer.from('<html>::error::this is not an archive</html>')],
  ['compressed otherwise', gzipSync(gzipSync(tarArchive([FOLDER, GOOD])))],
])('an archive that is %s is a miss', async (title, archive) => {
  const key = `archive ${title}`;
  await putArchive(service, key, archive);
  expect(await job.cache.restore(key)).toBeUndefined();
});

test('the other entries can be had as before, and one line told of it', async () => {
  await putEntry(service, 'last', [FOLDER, GOOD]);
  const entry = await job.cache.restore('last', 4);
  expect(await readFile(entry?.files[0]?.path ?? '', 'utf8')).toBe('good');
  expect(job.said()).toHaveLength(1);
  expect(job.said()[0]).toMatch(
    /^warning: An entry of the Actions cache cannot be read \(.+\): its bytes come from elsewhere\.$/,
  );
});

test('a file of the store that is being saved is not changed by an entry with its name', async () => {
  const folder = path.join(outside.path, 'store');
  await mkdir(folder);
  const blob = path.join(folder, 'blob');
  await writeFile(blob, 'mine');
  await chmod(blob, 0o444);
  await link(blob, path.join(folder, 'other'));
  await putEntry(service, 'same', [FOLDER, { name: 'pull-image/blob', content: 'evil' }]);
  const [outcome, entry] = await Promise.all([
    job.cache.save('saved', [{ name: 'blob', path: blob }]),
    job.cache.restore('same'),
  ]);
  expect(outcome).toBe('saved');
  expect(await readFile(entry?.files[0]?.path ?? '', 'utf8')).toBe('evil');
  expect(await readFile(blob, 'utf8')).toBe('mine');
});
