import type { Digest } from '../../src/oci/digest.ts';
import { type ImageBag, imageBag } from './image-builder.ts';

/** Images of the project, as repositories `acme/…` with a tag `1` and two platforms each, and what they are called. */
export interface ProjectImages {
  readonly bag: ImageBag;
  /** The digest that the tag points to now. */
  index(name: string): string;
  /** That of its platform: 0 for linux/amd64, 1 for linux/arm64. */
  leaf(name: string, at: number): string;
  /** Moves the tag to another image. */
  move(name: string): Promise<void>;
}

export async function projectImages(): Promise<ProjectImages> {
  const bag = imageBag();
  const target = (name: string) => bag.catalog.find(`acme/${name}`, '1');
  async function tag(name: string, top: string): Promise<void> {
    const amd = await bag.image({ layers: ['base', top] });
    const arm = await bag.image({ layers: ['arm base', top], architecture: 'arm64' });
    bag.tag(`acme/${name}`, '1', bag.index([amd, arm]));
  }
  for (const name of ['db', 'web', 'tools', 'worker']) await tag(name, name);
  return {
    bag,
    index: (name) => target(name)?.digest ?? '',
    leaf(name, at) {
      const bytes = bag.blobs.get(target(name)?.digest as Digest)?.bytes ?? [];
      return JSON.parse(Buffer.from(bytes).toString()).manifests[at].digest;
    },
    move: (name) => tag(name, `${name} moved`),
  };
}

/** Several services, variables, one that is built, one with a profile, one of another platform. */
export const composeProject = (host: string): Readonly<Record<string, string>> => ({
  'compose.yml': `
x-app: &app
  image: ${host}/acme/web:\${WEB:-1}
services:
  web: *app
  db:
    image: "\${HOST:?where from}/acme/db:\${DB}"
  app:
    build: .
    image: acme/app
  again: {<<: *app, command: sh}
  arm:
    image: ${host}/acme/worker:1
    platform: linux/arm64
  tools:
    image: ${host}/acme/tools:1
    profiles: [debug]
`,
  '.env': `HOST=${host}\nDB=1\n`,
});
