import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BagRegistry, bagRegistry } from '../support/bag-registry.ts';
import { imageBag } from '../support/image-builder.ts';
import { onTerminal } from '../support/pseudo-terminal.ts';
import { realTest } from '../support/real-parts.ts';
import { sourceCommand, startSource } from '../support/source.ts';

let folder: string;
let store: string;
let registry: BagRegistry;
let digest: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-cli-'));
  store = path.join(folder, 'store');
  const bag = imageBag();
  const image = await bag.image({ layers: ['one', 'two'], layerSize: 400_000 });
  bag.tag('app', '1', image);
  digest = image.digest;
  registry = await bagRegistry(bag);
});
afterEach(async () => {
  await registry.close();
  await rm(folder, { recursive: true, force: true });
});

const pulling = (...options: string[]) => [
  'pull',
  `${registry.host}/app:1`,
  ...['--platform', 'linux/amd64', '--engine', 'none', '--store', store],
  ...options,
];
const slow = { bytes: 50_000, ms: 60 };

describe('on a terminal', () => {
  const terminal = realTest('script', 'stty');
  const plain = (text: string) => text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replaceAll('\r\n', '\n');

  terminal(
    'a bar shows how far the download is, and leaves nothing but the lines behind',
    async () => {
      registry.pace = slow;
      const { code, stdout } = await onTerminal(sourceCommand(...pulling()), { HOME: folder }).done;
      expect(code).toBe(0);
      const shares = [...stdout.matchAll(/█░+ +(\d+)% {2}\S+ of 80\dkB {2}\d of 2 blobs/g)].map((match) =>
        Number(match[1]),
      );
      expect(shares.length).toBeGreaterThanOrEqual(3);
      expect(shares).toEqual(shares.toSorted((a, b) => a - b));
      // Whatever comes after the last bar begins by taking it away.
      expect(stdout.slice(stdout.lastIndexOf('█'))).toMatch(/^[^\n]*\n(?:\u001b\[[0-9;?]*[A-Za-z])*\u001b\[2K/);
      expect(plain(stdout)).toContain(`Digest: ${digest}\n`);
      expect(plain(stdout)).toMatch(/\n✓ \S+\/app:1 .*\n1 image, 2 layers, .*\n$/);
    },
    30_000,
  );

  terminal(
    'no bar with --quiet, nor where the terminal does not know its size or cannot move its cursor',
    async () => {
      registry.pace = slow;
      const run = async (size: object, environment: Readonly<Record<string, string>>, ...options: string[]) => {
        await rm(store, { recursive: true, force: true });
        return onTerminal(sourceCommand(...pulling(...options)), { HOME: folder, ...environment }, size).done;
      };
      const quiet = await run({}, {}, '--quiet');
      const unsized = await run({ columns: 0 }, {});
      const dumb = await run({}, { TERM: 'dumb' });
      expect([quiet.code, unsized.code, dumb.code]).toEqual([0, 0, 0]);
      expect(quiet.stdout).toMatch(/^✓ [^\u001b]*$/);
      expect(unsized.stdout).toMatch(/^Pulling 1 image [^\u001b]*$/);
      expect(dumb.stdout).toMatch(/^Pulling 1 image [^\u001b]*$/);
    },
    30_000,
  );
});

describe('elsewhere', () => {
  test('lines, and nothing that is for terminals', async () => {
    registry.pace = slow;
    const { code, stdout, stderr } = await startSource(pulling(), { HOME: folder }).done;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Pulling 1 image .*\n[\s\S]*\n1 image, 2 layers, .*\n$/);
    expect(stdout).not.toMatch(/[\u001b\r█]/);
  }, 30_000);

  test('--json prints the json output on stdout, and the lines on stderr', async () => {
    const { code, stdout, stderr } = await startSource(pulling('--json'), { HOME: folder }).done;
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const key = `${registry.host}/app:1`;
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      images: { [key]: { pinned: `${key}@${digest}`, digest, source: 'registry', loaded: false } },
      totals: { images: 1, failed: 0, layers: 2 },
    });
    expect(stderr).toContain(`\n✓ ${key} `);
  }, 30_000);

  test('--json tells of images that failed, too', async () => {
    const { code, stdout, stderr } = await startSource([...pulling('--json'), `${registry.host}/app:2`], {
      HOME: folder,
    }).done;
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      images: { [`${registry.host}/app:2`]: { digest: null, error: { code: 'MANIFEST_UNKNOWN' } } },
      totals: { images: 2, failed: 1 },
    });
    expect(stderr).toContain(`✗ ${registry.host}/app:2 `);
  }, 30_000);

  test('whoever stops reading ends the run without a word, and nothing is left half done', async () => {
    registry.pace = { bytes: 1000, ms: 50 };
    const program = startSource(pulling(), { HOME: folder });
    const { stdout } = program.process;
    if (!stdout) throw new Error('no stdout');
    await once(stdout, 'data');
    stdout.destroy();
    const { code, stderr } = await program.done;
    expect({ code, stderr }).toEqual({ code: 141, stderr: '' });
    expect(await readdir(path.join(store, 'ingest'))).toEqual([]);
    expect(await readdir(path.join(store, 'leases'))).toEqual([]);
  }, 30_000);
});
