import { Command, Option } from 'commander';
import { imagesOf, platformName } from '../images/contents.ts';
import { createdAt, filterImages } from '../images/filters.ts';
import { readShelf, type Shelved } from '../images/shelf.ts';
import { clean, cleanJson } from '../lib/clean.ts';
import { count, formatAge, formatBytes } from '../lib/format.ts';
import { type Digest, shortDigest } from '../oci/digest.ts';
import { familiarName } from '../oci/reference.ts';
import { columns } from './columns.ts';
import { careOf } from './open-store.ts';
import { STORE, several } from './options.ts';

interface LsOptions {
  readonly all?: boolean;
  readonly digests?: boolean;
  readonly filter: readonly string[];
  readonly format: 'table' | 'json';
  readonly trunc: boolean;
  readonly quiet?: boolean;
  readonly store?: string;
}

/** `ls`: the images of the store, the last used first. */
export function lsCommand(say: (line: string) => void): Command {
  return new Command('ls')
    .description('list the images of the store, the last used first')
    .option('-a, --all', 'also the platforms of images, which have names of their own')
    .option('--digests', 'show digests')
    .addOption(
      several(
        '-f, --filter <filter>',
        'dangling=true, before=IMAGE, since=IMAGE, label=KEY[=VALUE], reference=PATTERN',
      ),
    )
    .addOption(
      new Option('--format <format>', 'json is a line for each image').choices(['table', 'json']).default('table'),
    )
    .option('--no-trunc', 'show whole ids')
    .option('-q, --quiet', 'only ids')
    .option(...STORE)
    .addHelpText('after', '\nExample:\n  pull-image ls --digests --filter "reference=ghcr.io/org/*"')
    .action(async (options: LsOptions) => {
      for (const line of await listed(options, Date.now())) say(line);
    });
}

async function listed(options: LsOptions, now: number): Promise<readonly string[]> {
  const { store, care } = await careOf(options.store);
  const found = filterImages(await readShelf(store, care), options.filter);
  const images = found.filter(({ part }) => options.all || !part);
  const id = ({ target }: Shelved) => (options.trunc ? shortDigest(target) : target);
  if (options.quiet) return [...new Set(images.map(id))];
  if (options.format === 'json') return images.map((image) => cleanJson(JSON.stringify(described(image, images))));
  const rows = images.map((image) => [
    clean(familiarName(image.reference)),
    clean(image.reference.tag ?? '<none>'),
    ...(options.digests ? [image.target] : []),
    id(image),
    platformsOf(image, 2),
    ageOf(image, now),
    formatBytes(image.bytes),
  ]);
  const head = ['REPOSITORY', 'TAG', ...(options.digests ? ['DIGEST'] : []), 'IMAGE ID', 'PLATFORM', 'CREATED', 'SIZE'];
  return [...columns([head, ...rows]), total(images.filter(({ part }) => !part))];
}

function platformsOf({ contents }: Shelved, shown: number): string {
  const names = imagesOf(contents).map(({ descriptor }) => clean(platformName(descriptor.platform), 60));
  if (names.length === 0) return '-';
  const more = names.length - shown;
  return names.slice(0, shown).join(',') + (more > 0 ? ` and ${more} more` : '');
}

function ageOf(image: Shelved, now: number): string {
  const at = createdAt(image);
  return at === undefined ? 'N/A' : `${formatAge(now - at)} ago`;
}

/** What all of them take together: a blob of several is there once. */
function total(images: readonly Shelved[]): string {
  const blobs = new Map(images.flatMap((image) => [...image.blobs]));
  const targets = new Map(images.map((image) => [image.target, image.bytes]));
  const bytes = sum([...blobs.values()]);
  const shared = sum([...targets.values()]) - bytes;
  const saved = shared > 0 ? `; ${formatBytes(shared)} saved by what they share` : '';
  return `${count(targets.size, 'image')} in the store, ${formatBytes(bytes)}${saved}`;
}

function described(image: Shelved, images: readonly Shelved[]): object {
  const others = images.filter(({ target }) => target !== image.target);
  const shared = [...image.blobs].filter(([digest]) => others.some(({ blobs }) => blobs.has(digest)));
  const sharedSize = sum(shared.map(([, size]) => size));
  const created = imagesOf(image.contents)[0]?.config?.created;
  return {
    Repository: familiarName(image.reference),
    Tag: image.reference.tag ?? '<none>',
    Digest: image.target satisfies Digest,
    ID: image.target,
    Platforms: imagesOf(image.contents).map(({ descriptor }) => platformName(descriptor.platform)),
    CreatedAt: created === undefined ? 'N/A' : clean(created),
    Size: image.bytes,
    SharedSize: sharedSize,
    UniqueSize: image.bytes - sharedSize,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, number) => all + number, 0);
