import { type Code, PullError } from '../../src/errors.ts';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import type { ImageOutcome, LayerOutcome, PlatformOutcome, PullOutcome } from '../../src/outcome.ts';

/** The digest that stands for a word in these tests. */
export const digest = (word: string): Digest => digestOf(word);

export const layer = (word: string, rest: Partial<LayerOutcome> = {}): LayerOutcome => ({
  digest: digest(word),
  size: 1_000_000,
  source: 'registry',
  seconds: 0.5,
  ...rest,
});

export const platform = (name = 'linux/amd64', rest: Partial<PlatformOutcome> = {}): PlatformOutcome => ({
  platform: name,
  digest: digest(`manifest ${name}`),
  imageId: digest(`config ${name}`),
  size: 2_000_000,
  local: 'redis:7',
  layers: [layer('base'), layer('top')],
  ...rest,
});

/** `redis:7`, pulled from the registry for one platform and loaded. */
export const image = (rest: Partial<ImageOutcome> = {}): ImageOutcome => ({
  key: 'redis:7',
  reference: { domain: 'docker.io', path: 'library/redis', tag: '7' },
  digest: digest('redis:7'),
  local: 'redis:7',
  digestRunnable: true,
  loaded: true,
  source: 'registry',
  seconds: 3.1,
  platforms: [platform()],
  fresh: true,
  ...rest,
});

/** `redis:7` as an engine alone holds it: nobody knows what its layers were like on the way. */
export const heldByEngine = (): ImageOutcome =>
  image({
    source: 'engine',
    digest: undefined,
    platforms: [platform('linux/amd64', { digest: undefined, size: undefined, layers: [] })],
  });

/** An image of which nothing but the error is known. */
export const failed = (key: string, error: Partial<PullError> & { code?: Code } = {}): ImageOutcome => ({
  key,
  reference: { domain: 'docker.io', path: `library/${key.split(':')[0]}`, tag: key.split(':')[1] },
  digestRunnable: false,
  loaded: false,
  seconds: 0.2,
  platforms: [],
  fresh: false,
  error: new PullError(error.code ?? 'MANIFEST_UNKNOWN', error.subject ?? key, error.reason ?? 'no such tag', {
    hint: error.hint,
  }),
});

export const outcome = (images: readonly ImageOutcome[], rest: Partial<PullOutcome> = {}): PullOutcome => ({
  images,
  totals: {
    images: images.length,
    failed: images.filter(({ error }) => error).length,
    layers: 2,
    bytes: 2_000_000,
    downloaded: 1_000_000,
    pullsSaved: 0,
    registry: { bytes: 1_000_000, seconds: 0.5 },
    cache: { bytes: 0, seconds: 0 },
    seconds: 3.25,
  },
  cacheHit: false,
  store: '/tools/pull-image-store/1.0.0/x64',
  engine: 'Docker 28.0.4 (overlay2)',
  ...rest,
});

/** So many images that differ in name, digest and layers, with names as long as real ones. */
export const many = (count: number): readonly ImageOutcome[] =>
  Array.from({ length: count }, (_, index) => {
    const name = `acme/a-team-of-some-size/service-number-${index}`;
    return image({
      key: `ghcr.io/${name}:2026.11.${index}-alpine`,
      reference: { domain: 'ghcr.io', path: name, tag: `2026.11.${index}-alpine` },
      digest: digest(name),
      local: `ghcr.io/${name}:2026.11.${index}-alpine`,
      platforms: [
        platform('linux/amd64', { layers: [layer(name)] }),
        platform('linux/arm64/v8', { layers: [layer(`${name} arm`)] }),
      ],
    });
  });

/** Foreign text that tries to be a workflow command, terminal control, Markdown or HTML. */
export const ATTACKS = [
  '::set-output name=digest::evil',
  'x\n::add-mask::docker',
  'x\r::error::evil',
  'x\u0085::error::evil',
  'fine ##[add-mask]docker',
  '\u001b[31mred\u001b[0m \u001b]8;;https://evil.example\u0007link',
  '#\u001b[0m#[error]evil',
  'x\u2028::warning::evil',
  '| cell | `code` <img src=x onerror=alert(1)> **bold** [a](http://evil.example) @team $x$',
  '%0A::error::evil',
];
