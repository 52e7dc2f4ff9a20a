import { PullError } from '../errors.ts';
import type { Descriptor, Document } from '../oci/descriptor.ts';
import type { Manifest } from '../oci/manifest.ts';
import { isImageConfigType } from '../oci/media-types.ts';
import { formatPlatform, normalizePlatform, type Platform } from '../oci/platform.ts';
import { choosePlatform, describedBy } from '../oci/platform-match.ts';
import { familiarReference, type Reference } from '../oci/reference.ts';
import { type Candidate, MAX_DEPTH, readChild, spread } from './candidates.ts';
import type { Documents, Read } from './documents.ts';
import type { Run } from './run.ts';

/** One platform's manifest with the documents that lead to it, the target first and the manifest last. */
export interface Leaf {
  /** `linux/arm64`, `windows(10.0.20348.2227)/amd64`; `unknown` for what states no platform. Unique in an image. */
  readonly name: string;
  readonly platform: Platform | undefined;
  readonly manifest: Manifest;
  readonly documents: readonly Document[];
}

/**
 * The leaves of an image that the request asks for, in the order asked; throws PLATFORM_NOT_FOUND, which names what there is. An image without an index is
 * held against its config: with a platform asked for by name a mismatch is an error, else a warning. Attestations are never candidates; they come along as companions,
 * all of them under `all`, and those of the leaves where the request wants them with several platforms.
 */
export async function chooseLeaves(
  root: Read,
  reference: Reference,
  documents: Documents,
  run: Run,
): Promise<{ platforms: Leaf[]; companions: Leaf[] }> {
  const { content, document } = root;
  const leafOf = (candidate: Candidate) => readLeaf(candidate, reference, documents);
  if (content.kind === 'manifest')
    return { platforms: [await single(content, document, reference, documents, run)], companions: [] };

  const { candidates, attestations, tooDeep } = await spread(root, [], reference, documents);
  const companionsOf = async (some: readonly Candidate[]) =>
    (await Promise.all(some.map((candidate) => companion(candidate, reference, documents, run)))).flat();
  if (run.request.platforms === 'all') {
    const platforms = distinctNames(await Promise.all(candidates.map(leafOf)));
    if (platforms.length === 0) throw notFound(reference, 'any platform', [], tooDeep);
    return { platforms, companions: await companionsOf(attestations) };
  }
  const wanted = wantedPlatforms(run);
  const chosen = wanted.map((platform) => choose(candidates, platform, run));
  const missing = wanted.filter((_, at) => chosen[at] === undefined);
  const withCompanions = async (leaves: readonly Leaf[]) => {
    const digests = new Set(leaves.map(({ documents }) => documents.at(-1)?.digest));
    // A manifest that stands alone has no index for them to stand in.
    const wants = run.request.attestations === true && digests.size > 1;
    const theirs = wants ? attestations.filter(({ descriptor }) => digests.has(describedBy(descriptor))) : [];
    return { platforms: distinct(leaves), companions: await companionsOf(theirs) };
  };
  if (missing.length === 0)
    return withCompanions(await Promise.all(chosen.filter((it) => it !== undefined).map(leafOf)));

  // A child that states no platform may still be the one: its config says.
  const silent = await Promise.all(candidates.filter(({ descriptor }) => !descriptor.platform).map(leafOf));
  const leaves = await Promise.all(
    wanted.map(async (platform, at) => {
      const candidate = chosen[at];
      return candidate
        ? leafOf(candidate)
        : choosePlatform(silent, (leaf) => leaf.platform, platform, { strict: isStrict(run) });
    }),
  );
  const unmet = wanted.filter((_, at) => leaves[at] === undefined);
  if (unmet.length > 0) {
    const available = [
      ...candidates.map(({ descriptor }) => descriptor.platform),
      ...silent.map(({ platform }) => platform),
    ];
    throw notFound(reference, unmet.map(formatPlatform).join(', '), available, tooDeep);
  }
  return withCompanions(leaves.filter((leaf) => leaf !== undefined));
}

const isStrict = (run: Run): boolean => run.request.platforms !== 'engine';

function wantedPlatforms(run: Run): readonly Platform[] {
  const { platforms } = run.request;
  return typeof platforms === 'string' ? [run.ports.platform] : platforms;
}

const choose = (candidates: readonly Candidate[], wanted: Platform, run: Run): Candidate | undefined =>
  choosePlatform(
    candidates.filter(({ descriptor }) => descriptor.platform),
    ({ descriptor }) => descriptor.platform,
    wanted,
    { strict: isStrict(run) },
  );

async function single(
  manifest: Manifest,
  document: Document,
  reference: Reference,
  documents: Documents,
  run: Run,
): Promise<Leaf> {
  // A chart or another artifact runs nowhere, so it has no platform to be wrong.
  const isImage = isImageConfigType(manifest.config.mediaType) && !manifest.artifactType;
  const platform = isImage ? await documents.platform(reference, manifest.config) : undefined;
  const leaf: Leaf = { name: nameOf(platform), platform, manifest, documents: [document] };
  if (!platform || run.request.platforms === 'all') return leaf;
  const unmet = wantedPlatforms(run).filter(
    (wanted) => !choosePlatform([leaf], (it) => it.platform, wanted, { strict: isStrict(run) }),
  );
  if (unmet.length === 0) return leaf;
  const wanted = unmet.map(formatPlatform).join(', ');
  if (isStrict(run)) throw notFound(reference, wanted, [platform]);
  // Nobody named a platform, and there is no other to choose: Docker takes it and warns, so that an emulator can run it.
  const message = `${familiarReference(reference)}: its only platform is ${leaf.name}, not ${wanted}; it is pulled all the same`;
  run.ports.report({ type: 'warning', message });
  return leaf;
}

async function readLeaf({ descriptor, path }: Candidate, reference: Reference, documents: Documents): Promise<Leaf> {
  const { document, content } = await readChild(descriptor, reference, documents);
  if (content.kind !== 'manifest') {
    throw new PullError(
      'MANIFEST_INVALID',
      familiarReference(reference),
      `${descriptor.digest} is an index where a manifest was promised`,
    );
  }
  const platform = descriptor.platform ?? (await documents.platform(reference, content.config));
  return { name: nameOf(platform), platform, manifest: content, documents: [...path, document] };
}

/** An attestation that the registry has lost must not cost the image it speaks of. */
async function companion(candidate: Candidate, reference: Reference, documents: Documents, run: Run): Promise<Leaf[]> {
  try {
    return [
      await readLeaf(
        { ...candidate, descriptor: { ...candidate.descriptor, platform: UNKNOWN } },
        reference,
        documents,
      ),
    ];
  } catch (error) {
    if (!(error instanceof PullError) || error.code === 'CANCELLED') throw error;
    run.ports.report({
      type: 'warning',
      message: `${familiarReference(reference)}: an attestation was left out: ${error.message}`,
    });
    return [];
  }
}

const UNKNOWN: Platform = { os: 'unknown', architecture: 'unknown' };

const nameOf = (platform: Platform | undefined): string =>
  platform ? formatPlatform(normalizePlatform(platform)) : 'unknown';

/** An index may list one manifest for several platforms: each of them is a leaf. */
const distinct = (leaves: readonly Leaf[]): Leaf[] => [
  ...new Map(leaves.map((leaf) => [`${leaf.name} ${leaf.documents.at(-1)?.digest}`, leaf])).values(),
];

/** Two children may share a platform (gzip beside zstd): the second is called `linux/amd64 (2)`. */
function distinctNames(leaves: readonly Leaf[]): Leaf[] {
  const seen = new Map<string, number>();
  return distinct(leaves).map((leaf) => {
    const times = (seen.get(leaf.name) ?? 0) + 1;
    seen.set(leaf.name, times);
    return times === 1 ? leaf : { ...leaf, name: `${leaf.name} (${times})` };
  });
}

function notFound(
  reference: Reference,
  wanted: string,
  available: readonly (Platform | undefined)[],
  tooDeep = false,
): PullError {
  const names = [
    ...new Set(available.filter((platform) => platform !== undefined).map((platform) => nameOf(platform))),
  ];
  const deeper = `indexes nested deeper than ${MAX_DEPTH}, which are not read`;
  const found = names.length > 0 ? `it is available for ${names.join(', ')}` : 'it holds no image manifest';
  return new PullError(
    'PLATFORM_NOT_FOUND',
    familiarReference(reference),
    `no matching manifest for ${wanted}; ${found}${tooDeep ? `, but ${deeper}` : ''}`,
    {
      hint: names.length > 0 ? `Set platforms to one of these, such as ${names[0]}.` : undefined,
    },
  );
}

/** The config and the layers of one leaf, bottom layer first. */
export const leafBlobs = ({ manifest }: Leaf): readonly Descriptor[] => [manifest.config, ...manifest.layers];
