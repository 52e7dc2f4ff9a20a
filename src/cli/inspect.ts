import { Command } from 'commander';
import { PullError } from '../errors.ts';
import { type HeldManifest, platformName } from '../images/contents.ts';
import { readShelf, type Shelved } from '../images/shelf.ts';
import { cleanJson } from '../lib/clean.ts';
import { parsePlatform } from '../oci/platform.ts';
import { matchesStrict } from '../oci/platform-match.ts';
import { familiarName } from '../oci/reference.ts';
import { careOf } from './open-store.ts';
import { STORE } from './options.ts';

interface InspectOptions {
  readonly platform?: string;
  readonly store?: string;
}

/** `inspect`: all that the store knows of images, as JSON. */
export function inspectCommand(say: (line: string) => void): Command {
  return new Command('inspect')
    .description('show config, layers with both digests, history and sizes of images of the store, as JSON')
    .argument('<image...>', 'names, name@digest, or ids')
    .option('--platform <platform>', 'only this one of an image of several')
    .option(...STORE)
    .addHelpText('after', '\nExample:\n  pull-image inspect redis:7 --platform linux/arm64')
    .action(async (texts: string[], options: InspectOptions) => {
      const { store, care } = await careOf(options.store);
      const shelf = await readShelf(store, care);
      const images = texts.map((text) => describe(text, shelf.find(text), shelf.images, options.platform));
      for (const line of cleanJson(JSON.stringify(images, null, 2)).split('\n')) say(line);
    });
}

function describe(
  text: string,
  found: readonly Shelved[],
  all: readonly Shelved[],
  wanted: string | undefined,
): object {
  const [image] = found;
  if (!image) throw new PullError('NOT_HELD', text, 'no such image in the store');
  const { contents, target, bytes } = image;
  const names = all.filter((other) => other.target === target);
  const held = wanted === undefined ? contents.held : contents.held.filter((each) => isWanted(each, wanted));
  if (held.length === 0 && wanted !== undefined)
    throw new PullError('PLATFORM_NOT_FOUND', image.name, `${wanted} is not in the store`, {
      hint: `The store has ${contents.held.map(({ descriptor }) => platformName(descriptor.platform)).join(', ')}.`,
    });
  return {
    Id: target,
    RepoTags: names.filter(({ reference }) => reference.tag !== undefined).map(({ name }) => name),
    RepoDigests: [...new Set(names.map(({ reference }) => `${familiarName(reference)}@${target}`))],
    MediaType: contents.mediaType,
    Size: bytes,
    Manifests: held.map(describeManifest),
    Missing: contents.missing.map(({ digest, mediaType, size, platform }) => ({
      Digest: digest,
      MediaType: mediaType,
      Size: size,
      Platform: platformName(platform),
    })),
  };
}

const isWanted = ({ descriptor, attestation }: HeldManifest, wanted: string): boolean =>
  !attestation && descriptor.platform !== undefined && matchesStrict(parsePlatform(wanted), descriptor.platform);

function describeManifest({ descriptor, manifest, attestation, config }: HeldManifest): object {
  const layers = manifest.layers.map(({ digest, mediaType, size }, at) => ({
    Digest: digest,
    DiffID: config?.diffIds[at],
    MediaType: mediaType,
    Size: size,
  }));
  return {
    Digest: descriptor.digest,
    MediaType: descriptor.mediaType,
    Platform: platformName(descriptor.platform),
    ...(attestation ? { Attests: descriptor.annotations?.['vnd.docker.reference.digest'] } : {}),
    ...(manifest.artifactType ? { ArtifactType: manifest.artifactType } : {}),
    Size: descriptor.size + manifest.config.size + layers.reduce((sum, { Size }) => sum + Size, 0),
    ConfigDigest: manifest.config.digest,
    Created: config?.created,
    Config: config?.settings,
    Layers: layers,
    History: config?.history.map(({ created, created_by, comment, author, empty_layer }) => ({
      Created: created,
      CreatedBy: created_by,
      Comment: comment,
      Author: author,
      EmptyLayer: empty_layer ?? false,
    })),
  };
}
