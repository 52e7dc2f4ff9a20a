import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { pushBlob, pushManifest } from './docker-registry.ts';
import { imageBag } from './image-builder.ts';

const run = promisify(execFile);
const shared = path.resolve(import.meta.dirname, '../../../shared/images/seed');

/** Real images lie beside the checkout where the tests may use them. */
export const hasRealImages = existsSync(shared);

export interface Seeded {
  /** `library/busybox:1.37`. */
  readonly name: string;
  readonly digest: string;
  /** A platform the image has. */
  readonly platform: string;
}

const ARM_ONLY = /^(foo\/bar|acme\/(zstd|estargz|uncompressed)):/;

/** Fills a registry with real images where they lie beside the checkout, else with images made here, and tells what it now serves. */
export async function seed(host: string): Promise<readonly Seeded[]> {
  if (!hasRealImages) return seedMade(host);
  const { stdout } = await run(shared, [host]);
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', digest = ''] = line.split(' ');
      return { name, digest, platform: ARM_ONLY.test(name) ? 'linux/arm64' : 'linux/amd64' };
    });
}

async function seedMade(host: string): Promise<readonly Seeded[]> {
  const bag = imageBag();
  const amd = await bag.image({ layers: ['base', 'amd'] });
  const arm = await bag.image({ layers: ['base', 'arm'], architecture: 'arm64' });
  const images = [
    { name: 'library/busybox:1.37', target: bag.index([amd, arm]), platform: 'linux/amd64' },
    { name: 'acme/single:1', target: await bag.image({ layers: ['base', 'single'] }), platform: 'linux/amd64' },
    { name: 'foo/bar:v3', target: bag.index([arm]), platform: 'linux/arm64' },
  ];
  for (const { name, target } of images) {
    const [repository = '', tag = ''] = name.split(':');
    for (const { bytes, descriptor } of bag.blobs.values()) {
      if (descriptor.mediaType.includes('manifest') || descriptor.mediaType.includes('index')) continue;
      await pushBlob(host, repository, bytes);
    }
    for (const { digest } of [amd, arm, target]) {
      const document = bag.blobs.get(digest);
      if (document)
        await pushManifest(host, repository, digest === target.digest ? tag : digest, {
          mediaType: document.descriptor.mediaType,
          bytes: document.bytes,
        });
    }
  }
  return images.map(({ name, target, platform }) => ({ name, digest: target.digest, platform }));
}
