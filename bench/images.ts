import { spawn } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { pushManifest } from '../__tests__/support/docker-registry.ts';
import { OCI_CONFIG, OCI_LAYER_GZIP, OCI_MANIFEST } from '../src/oci/media-types.ts';
import { tarEnd, tarFile } from '../src/tar/tar-file.ts';

/** A layer of so many bytes that do not compress, the same for the same name; or one of the files below a folder. */
export type LayerRecipe = { readonly name: string; readonly size: number } | { readonly folder: string };

const PIECE = 8 << 20;

/** Builds an image that engines can unpack, layer by layer as it is pushed, whatever its size; gives the digest of its manifest. */
export async function pushImage(
  host: string,
  repository: string,
  tags: readonly string[],
  recipes: readonly LayerRecipe[],
): Promise<string> {
  const layers = [];
  const diffIds: string[] = [];
  for (const recipe of recipes) {
    const { digest, size, inner } = await pushStream(host, repository, tarOf(recipe), 'folder' in recipe ? 6 : 0);
    layers.push({ mediaType: OCI_LAYER_GZIP, digest, size });
    diffIds.push(inner);
  }
  const rootfs = { type: 'layers', diff_ids: diffIds };
  const config = Buffer.from(JSON.stringify({ os: 'linux', architecture: ARCHITECTURE, config: {}, rootfs }));
  const { digest, size } = await pushStream(host, repository, [config]);
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: OCI_CONFIG, digest, size },
    layers,
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  for (const tag of tags) await pushManifest(host, repository, tag, { mediaType: OCI_MANIFEST, bytes });
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch;

async function* tarOf(recipe: LayerRecipe): AsyncGenerator<Uint8Array> {
  if ('folder' in recipe) {
    const always = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
    yield* spawn('tar', [...always, '-C', recipe.folder, '-cf', '-', '.'], { stdio: ['ignore', 'pipe', 'inherit'] })
      .stdout;
    return;
  }
  yield* tarFile(`${recipe.name}.bin`, recipe.size, noise(recipe.name, recipe.size));
  yield tarEnd();
}

function* noise(name: string, size: number): Generator<Uint8Array> {
  const cipher = createCipheriv('aes-256-ctr', createHash('sha256').update(name).digest(), Buffer.alloc(16));
  const zeros = Buffer.alloc(1 << 20);
  for (let left = size; left > 0; left -= zeros.byteLength)
    yield cipher.update(zeros.subarray(0, Math.min(left, zeros.byteLength)));
}

/** Uploads a blob in pieces, gzipped if a level is given; `inner` is the digest of what went in. */
async function pushStream(
  host: string,
  repository: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  level?: number,
) {
  const [inner, outer] = [createHash('sha256'), createHash('sha256')];
  const before = Readable.from(
    (async function* () {
      for await (const chunk of content) {
        inner.update(chunk);
        yield chunk;
      }
    })(),
  );
  const zipped = level === undefined ? before : pipeline(before, createGzip({ level, chunkSize: 1 << 20 }), () => {});
  let at = await next(await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST' }), host);
  let size = 0;
  for await (const piece of pieces(zipped)) {
    size += piece.byteLength;
    outer.update(piece);
    const headers = { 'content-type': 'application/octet-stream' };
    at = await next(await fetch(at, { method: 'PATCH', headers, body: piece }), host);
  }
  const digest = `sha256:${outer.digest('hex')}`;
  at.searchParams.set('digest', digest);
  await next(await fetch(at, { method: 'PUT' }), host);
  return { digest, size, inner: `sha256:${inner.digest('hex')}` };
}

async function next(answer: Response, host: string): Promise<URL> {
  if (!answer.ok) throw new Error(`upload of a blob: ${answer.status} ${await answer.text()}`);
  return new URL(answer.headers.get('location') ?? '', `http://${host}/`);
}

async function* pieces(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer<ArrayBuffer>> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const part of content) {
    parts.push(part);
    size += part.byteLength;
    if (size < PIECE) continue;
    yield Buffer.concat(parts);
    [parts, size] = [[], 0];
  }
  if (size > 0) yield Buffer.concat(parts);
}
