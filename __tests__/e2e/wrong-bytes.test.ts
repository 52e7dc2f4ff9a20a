import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OUTPUTS } from '../../src/github/outputs.ts';
import { ABSENT, FAULTS, ORDERS, ordersIn, TAG_FAULTS, wronging } from '../support/bad-answers.ts';
import { type BagRegistry, bagRegistry, fetched } from '../support/bag-registry.ts';
import { imageBag } from '../support/image-builder.ts';
import { newRunner, type Runner, type StepResult } from '../support/runner.ts';
import { type Audit, auditStore, unfinished } from '../support/store-audit.ts';

/** Of the words that foreign text holds, some that are no harm. */
const SAID = /add-mask\]x/;

/** What the error about each repository must say, besides its name. */
const WRONG: { readonly path: string; readonly code: string; readonly says: readonly RegExp[] }[] = [
  { path: 'layer/flipped-bit', code: 'DIGEST_MISMATCH', says: [/expected LAYER, found sha256:[0-9a-f]{64}/] },
  { path: 'layer/short-announced', code: 'SIZE_MISMATCH', says: [/LAYER/, /expected SIZE bytes, found LESS /] },
  { path: 'layer/short-unannounced', code: 'SIZE_MISMATCH', says: [/LAYER/, /expected SIZE bytes, found LESS$/] },
  {
    path: 'layer/broken-off',
    code: 'UNAVAILABLE',
    says: [/the connection broke/, /LAYER/, /expected SIZE bytes, found \d+$/],
  },
  { path: 'layer/long-announced', code: 'SIZE_MISMATCH', says: [/LAYER/, /expected SIZE bytes, found MORE /] },
  {
    path: 'layer/long-unannounced',
    code: 'SIZE_MISMATCH',
    says: [/LAYER/, /expected SIZE bytes, found at least MORE$/],
  },
  { path: 'layer/endless', code: 'SIZE_MISMATCH', says: [/LAYER/, /expected SIZE bytes, found at least \d+$/] },
  { path: 'config/flipped-bit', code: 'DIGEST_MISMATCH', says: [/expected CONFIG, found sha256:[0-9a-f]{64}/] },
  {
    path: 'manifest/one-byte-more',
    code: 'DIGEST_MISMATCH',
    says: [/expected a manifest with the digest MANIFEST, found sha256:[0-9a-f]{64}/],
  },
  {
    path: 'manifest/header-names-what-is-not-there',
    code: 'MANIFEST_UNKNOWN',
    says: [new RegExp(`${ABSENT} not found`)],
  },
  {
    path: 'manifest/header-names-another',
    code: 'DIGEST_MISMATCH',
    says: [new RegExp(`expected .*${ABSENT}, found sha256:[1-9a-f]`)],
  },
  {
    path: 'manifest/hybrid',
    code: 'MANIFEST_INVALID',
    says: [/expected an image manifest, found one with "manifests" too/],
  },
  { path: 'manifest/huge', code: 'REGISTRY_ANSWER', says: [/HOST sent more than the 4194304 bytes/] },
  { path: 'manifest/endless', code: 'REGISTRY_ANSWER', says: [/HOST sent more than the 4194304 bytes/] },
  { path: 'words/of-the-spec', code: 'MANIFEST_UNKNOWN', says: [/:1 not found/, SAID] },
  { path: 'words/plain', code: 'DENIED', says: [/access denied/, SAID] },
  { path: 'words/markup', code: 'DENIED', says: [/access denied/, SAID] },
  { path: 'words/too-many', code: 'TOOMANYREQUESTS', says: [/too many requests \(\d+ from HOST: /, SAID] },
  {
    path: 'words/as-manifest',
    code: 'MANIFEST_INVALID',
    says: [/expected a manifest for HOST\/words\/as-manifest:1, found the words/, SAID],
  },
  { path: 'words/as-media-type', code: 'MANIFEST_INVALID', says: [/expected an image manifest or index, found/, SAID] },
  {
    path: 'words/as-member',
    code: 'MANIFEST_INVALID',
    says: [/expected an image manifest or index, found members/, SAID],
  },
  { path: 'words/as-digest', code: 'MANIFEST_INVALID', says: [/config\.digest: expected sha256:.*, found/, SAID] },
  { path: 'words/as-redirect', code: 'REDIRECT_REFUSED', says: [/HOST/] },
  { path: 'words/as-realm', code: 'REDIRECT_REFUSED', says: [/HOST/] },
];
const WRONG_LISTS: typeof WRONG = [
  { path: 'tags/endless', code: 'REGISTRY_ANSWER', says: [/HOST sent more than the 16777216 bytes/] },
  { path: 'tags/too-many', code: 'TOO_MANY_TAGS', says: [/more than 100000 tags/] },
  { path: 'tags/words', code: 'REGISTRY_ANSWER', says: [/expected a list of tags, found/, SAID] },
  {
    path: 'tags/words-as-link',
    code: 'REGISTRY_ANSWER',
    says: [/HOST: the Link to the next page of tags is malformed/],
  },
];
/** What somebody may have put into the inputs, say from the title of a pull request. */
const KEYS = ['Bad##[add-mask]x:1', 'x ::set-output name=x::y', '::set-output name=x::y'];
const GOOD = ['acme/good', 'acme/elsewhere', 'layer/whole-elsewhere'];

const bag = imageBag();
const faults = wronging(bag, { ...FAULTS, ...TAG_FAULTS });
let mended = false;
let registry: BagRegistry;
let runner: Runner;
let pulled: StepResult;
let listed: StepResult;
let requests: readonly string[];
let audit: Audit;
beforeAll(async () => {
  registry = await bagRegistry(bag, (...answer) => !mended && faults(...answer));
  for (const path of [...GOOD, ...Object.keys(FAULTS), ...Object.keys(TAG_FAULTS)]) {
    bag.tag(
      path,
      '1',
      await bag.image({ layers: [path === 'acme/elsewhere' ? 'layer/whole-elsewhere' : path], layerSize: 40_000 }),
    );
  }
  runner = await newRunner();
  pulled = await runner.run(inputs());
  requests = registry.fresh();
  const repositories = [...Object.keys(TAG_FAULTS), 'acme/good'].map((path) => `${registry.host}/${path}`);
  listed = await runner.run({ images: repositories.join('\n'), 'all-tags': 'true', engine: 'none' });
  audit = await auditStore(pulled.outputs.store ?? '');
}, 60_000);
afterAll(async () => {
  await registry?.close();
  await runner?.dispose();
});

const keyOf = (path: string) => `${registry.host}/${path}:1`;
const inputs = () => ({
  images: [...KEYS, ...[...WRONG.map(({ path }) => path), ...GOOD].map(keyOf)].join('\n'),
  engine: 'none',
});
const partsOf = (path: string) => {
  const digest = bag.catalog.find(path, '1')?.digest;
  const { config, layers } = JSON.parse(Buffer.from((digest && bag.blobs.get(digest)?.bytes) ?? []).toString());
  return { digest, config: config.digest, layer: layers[0].digest, size: layers[0].size };
};

/** The pattern with the names of the image's own parts in place of the words that stand for them. */
function about(pattern: RegExp, path: string): RegExp {
  const { digest, config, layer, size } = partsOf(path);
  const words: Record<string, unknown> = {
    MANIFEST: digest,
    CONFIG: config,
    LAYER: layer,
    SIZE: size,
    LESS: size - 1,
    MORE: size + 1,
    HOST: registry.host,
  };
  return new RegExp(pattern.source.replace(/\b[A-Z]{4,}\b/g, (word) => String(words[word] ?? word)));
}

const errorOf = (result: StepResult, key: string) => JSON.parse(result.outputs.json ?? '').images[key].error;

describe('a wrong answer', () => {
  test.each(WRONG)('$path is $code, says what was expected and found, and is not kept', ({ path, code, says }) => {
    const { code: found, message } = errorOf(pulled, keyOf(path));
    expect(found).toBe(code);
    expect(message.startsWith(`${registry.host}/${path}`)).toBe(true);
    for (const pattern of says) expect(message).toMatch(about(pattern, path));
    expect(audit.names.has(keyOf(path))).toBe(false);
    const { layer, config, digest } = partsOf(path);
    if (path.startsWith('layer/')) expect(audit.blobs).not.toContain(layer);
    if (path.startsWith('config/')) expect(audit.blobs).not.toContain(config);
    expect(audit.blobs).not.toContain(digest);
  });

  test.each(WRONG_LISTS)('$path is $code', ({ path, code, says }) => {
    const { code: found, message } = errorOf(listed, `${registry.host}/${path}`);
    expect(found).toBe(code);
    expect(message.startsWith(`${registry.host}/${path}`)).toBe(true);
    for (const pattern of says) expect(message).toMatch(about(pattern, path));
  });

  test('is asked for once more, and then no more', () => {
    const times = (path: string, part: 'layer' | 'config') =>
      fetched(requests, 'blobs').filter((digest) => digest === partsOf(path)[part]).length;
    for (const path of ['flipped-bit', 'short-announced', 'long-announced', 'long-unannounced', 'endless'])
      expect(times(`layer/${path}`, 'layer')).toBe(2);
    expect(times('config/flipped-bit', 'config')).toBe(2);
  });

  test('does not hinder the other images, nor one whose layer another repository has whole', () => {
    expect([pulled.code, listed.code]).toEqual([1, 1]);
    expect([...audit.names.keys()].sort()).toEqual([...GOOD.map(keyOf), keyOf('tags/words-as-tags')].sort());
    const digests = GOOD.map((path) => [keyOf(path), partsOf(path).digest]);
    expect(pulled.outputs.pinned?.split('\n')).toEqual(
      expect.arrayContaining(digests.map(([key, digest]) => `${key}@${digest}`)),
    );
    expect(JSON.parse(pulled.outputs.json ?? '').totals).toMatchObject({
      images: WRONG.length + GOOD.length + KEYS.length,
      failed: WRONG.length + KEYS.length,
    });
    expect(JSON.parse(listed.outputs.digests ?? '')).toEqual({
      [keyOf('tags/words-as-tags')]: partsOf('tags/words-as-tags').digest,
      [keyOf('acme/good')]: partsOf('acme/good').digest,
    });
  });

  test('leaves nothing half done in the store', async () => {
    expect(await unfinished(pulled.outputs.store ?? '')).toEqual([]);
  });
});

describe('foreign words', () => {
  test('give the runner no orders', () => {
    expect(ordersIn(ORDERS)).not.toEqual([]);
    for (const { stdout, stderr, errors } of [pulled, listed]) {
      expect(ordersIn(stdout)).toEqual([]);
      expect(stderr).toBe('');
      expect(errors.flatMap(({ title, message }) => ordersIn(`${title}\n${message}`))).toEqual([]);
    }
  });

  test('set no outputs', () => {
    for (const { outputs } of [pulled, listed]) expect(Object.keys(outputs).sort()).toEqual([...OUTPUTS].sort());
  });

  test('in the inputs are errors of their own, and no orders either', () => {
    const images: { error?: { code: string } }[] = Object.values(JSON.parse(pulled.outputs.json ?? '').images);
    expect(images.slice(0, KEYS.length).map(({ error }) => error?.code)).toEqual(KEYS.map(() => 'REFERENCE_INVALID'));
  });
});

test('when the registry is right again, so is the next run, and it asks for nothing that is held', async () => {
  mended = true;
  registry.fresh();
  const before = await auditStore(pulled.outputs.store ?? '');
  const { images } = inputs();
  const result = await runner.run({ images: images.split('\n').slice(KEYS.length).join('\n'), engine: 'none' });
  expect({ code: result.code, errors: result.errors }).toEqual({ code: 0, errors: [] });
  const asked = registry.fresh();
  expect(
    [...fetched(asked, 'blobs'), ...fetched(asked, 'manifests')].filter((digest) => before.blobs.has(digest)),
  ).toEqual([]);
}, 30_000);
