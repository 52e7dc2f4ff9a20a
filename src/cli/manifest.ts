import { Command, Option } from 'commander';
import { PullError } from '../errors.ts';
import { createReporter } from '../github/reporter.ts';
import { platformName } from '../images/contents.ts';
import { type Remote, type RemoteManifest, readRemote } from '../images/remote.ts';
import { clean, cleanJson } from '../lib/clean.ts';
import { count, formatBytes } from '../lib/format.ts';
import { familiarReference, parseReference, type Reference, withDefaultTag } from '../oci/reference.ts';
import { parseSettings } from '../settings.ts';
import { wire } from '../wire.ts';
import { columns } from './columns.ts';
import { insecureRegistries, mirrors, type RegistryOptions, registryInputs, STORE } from './options.ts';
import { storePath } from './store-path.ts';

interface ManifestOptions extends RegistryOptions {
  readonly format: 'table' | 'json' | 'raw';
  readonly store?: string;
}

/** Where a command says things. */
export interface ManifestStreams {
  readonly say: (line: string) => void;
  /** The document's own bytes. */
  readonly write: (bytes: Uint8Array) => void;
  readonly aside: (text: string) => void;
}

/** `manifest`: what registries say of images, without pulling them. */
export function manifestCommand(streams: ManifestStreams, signal: AbortSignal): Command {
  const manifest = new Command('manifest')
    .description('ask registries about images')
    .addHelpText('after', '\nExample:\n  pull-image manifest inspect redis:7');
  manifest
    .command('inspect')
    .description(
      'show the platforms of an image, their sizes and attestations, as the registry has them; pulls no layer',
    )
    .argument('<reference>', 'an image, such as redis:7 or ghcr.io/org/app@sha256:…')
    .addOption(
      new Option('--format <format>', 'raw is the document itself, byte for byte')
        .choices(['table', 'json', 'raw'])
        .default('table'),
    )
    .addOption(mirrors())
    .addOption(insecureRegistries())
    .option(...STORE)
    .addHelpText('after', '\nExample:\n  pull-image manifest inspect redis:7')
    .action((text: string, options: ManifestOptions) => inspect(text, options, streams, signal));
  return manifest;
}

async function inspect(
  text: string,
  options: ManifestOptions,
  { say, write, aside }: ManifestStreams,
  signal: AbortSignal,
): Promise<void> {
  const reference = withDefaultTag(parseReference(text));
  const settings = parseSettings({
    images: text,
    engine: 'none',
    ...registryInputs(options),
  });
  const report = createReporter({ quiet: true, write: aside });
  const world = { environment: process.env, store: storePath(options.store), report, signal };
  const { ports, close } = await wire(settings, world);
  try {
    const remote = await readRemote(ports.registry, reference);
    if (signal.aborted) throw new PullError('CANCELLED', text, 'cancelled');
    if (options.format === 'raw') write(remote.document.bytes);
    else if (options.format === 'json') for (const line of asJson(reference, remote)) say(line);
    else for (const line of asTable(reference, remote)) say(line);
  } finally {
    await close();
  }
}

function asTable(reference: Reference, { document, manifests }: Remote): readonly string[] {
  const images = manifests.filter(({ attestation }) => !attestation);
  const attested = (image: RemoteManifest) =>
    manifests.filter(({ attests }) => attests === image.descriptor.digest).length;
  const rows = images.map((image) => [
    clean(image.artifactType ?? platformName(image.platform), 80),
    formatBytes(image.bytes),
    String(image.layers),
    attested(image) > 0 ? count(attested(image), 'attestation') : '-',
    image.descriptor.digest,
  ]);
  return [
    `Name:      ${familiarReference(reference)}`,
    `MediaType: ${document.mediaType}`,
    `Digest:    ${document.digest}`,
    '',
    ...columns([['PLATFORM', 'SIZE', 'LAYERS', 'ATTESTED', 'DIGEST'], ...rows]),
  ];
}

function asJson(reference: Reference, { document, manifests }: Remote): readonly string[] {
  const value = {
    Name: familiarReference(reference),
    MediaType: document.mediaType,
    Digest: document.digest,
    Manifests: manifests.map(({ descriptor, platform, layers, bytes, artifactType, attests, attestation }) => ({
      Digest: descriptor.digest,
      MediaType: descriptor.mediaType,
      Platform: platformName(platform),
      ArtifactType: artifactType,
      Layers: layers,
      Size: bytes,
      Attestation: attestation,
      Attests: attests,
    })),
  };
  return cleanJson(JSON.stringify(value, null, 2)).split('\n');
}
