import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { OCI_MANIFEST } from '../src/oci/media-types.ts';
import { MB } from './figures.ts';
import { addProgram, fillWithFiles } from './file-trees.ts';
import { inFolder } from './folder.ts';
import { pushImage } from './images.ts';

/** Images that are pulled together. */
export interface Case {
  readonly name: 'one' | 'five';
  readonly title: string;
  /** `repository:tag` of each. */
  readonly images: readonly string[];
}

/** Megabytes of files in the layers of one image, bottom first; the five share their first. */
const ONE = [90, 240, 160, 40, 180, 70, 20];
const FIVE = [1, 2, 3, 4, 5].map((number) => ({ number, own: [40 + 20 * number, 20] }));
const SHARED = 80;

/** The images in the registry at `host`, their sizes times `scale`; those that are there already are not built again. */
export async function engineImages(host: string, scale: number): Promise<readonly Case[]> {
  const tag = `x${scale}`;
  const push = async (repository: string, layers: readonly { readonly name: string; readonly megabytes: number }[]) => {
    const there = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, {
      method: 'HEAD',
      headers: { accept: OCI_MANIFEST },
    });
    if (!there.ok)
      await inFolder(async (folder) => {
        const recipes = layers.map(({ name }) => ({ folder: path.join(folder, name) }));
        for (const { name, megabytes } of layers) await fill(path.join(folder, name), name, megabytes * scale);
        await pushImage(host, repository, [tag], recipes);
      });
    return `${repository}:${tag}`;
  };
  const five: string[] = [];
  for (const { number, own } of FIVE) {
    const layers = own.map((megabytes, at) => ({ name: `five-${number}-${at}`, megabytes }));
    five.push(await push(`bench/five-${number}`, [{ name: 'shared', megabytes: SHARED }, ...layers]));
  }
  const one = await push(
    'bench/one',
    ONE.map((megabytes, at) => ({ name: `one-${at}`, megabytes })),
  );
  return [
    { name: 'one', title: 'one image of seven layers, 800 MB of files', images: [one] },
    { name: 'five', title: 'five images at once, 680 MB of files', images: five },
  ];
}

async function fill(folder: string, name: string, megabytes: number): Promise<void> {
  await mkdir(folder);
  await fillWithFiles(folder, name, megabytes * MB);
  await addProgram(folder);
}
