import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { digestOf } from '../../src/oci/digest.ts';
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER_GZIP, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import { pushBlob, pushManifest } from './docker-registry.ts';

/** What an image on top of busybox is called, and what its program, named after the repository, prints. */
export interface ProgramImage {
  readonly repository: string;
  readonly tag: string;
  readonly program: string;
}

/** Puts images into a seeded registry that run: busybox with one more layer, in which there is a program that prints its name. */
export async function pushPrograms(host: string, images: readonly ProgramImage[]): Promise<void> {
  const busybox = 'library/busybox';
  // biome-ignore lint/suspicious/noExplicitAny: documents of a registry that this very test has filled.
  const document = async (reference: string): Promise<any> =>
    (
      await fetch(`http://${host}/v2/${busybox}/manifests/${reference}`, {
        headers: { accept: `${OCI_INDEX}, ${OCI_MANIFEST}` },
      })
    ).json();
  const blob = async (digest: string) =>
    Buffer.from(await (await fetch(`http://${host}/v2/${busybox}/blobs/${digest}`)).arrayBuffer());
  const { manifests } = await document('1.37');
  const amd64 = manifests.find(
    ({ platform }: { platform: { architecture: string } }) => platform.architecture === 'amd64',
  );
  const base = await document(amd64.digest);
  const config = JSON.parse((await blob(base.config.digest)).toString());
  for (const { repository, tag, program } of images) {
    const tar = programTar(program);
    const layer = gzipSync(tar);
    for (const { digest } of base.layers) await pushBlob(host, repository, await blob(digest));
    await pushBlob(host, repository, layer);
    const { history, ...own } = config;
    const rootfs = { ...config.rootfs, diff_ids: [...config.rootfs.diff_ids, digestOf(tar)] };
    const mine = Buffer.from(JSON.stringify({ ...own, rootfs }));
    await pushBlob(host, repository, mine);
    const described = (mediaType: string, bytes: Buffer) => ({
      mediaType,
      digest: digestOf(bytes),
      size: bytes.length,
    });
    const manifest = {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: described(OCI_CONFIG, mine),
      layers: [...base.layers, described(OCI_LAYER_GZIP, layer)],
    };
    await pushManifest(host, repository, tag, {
      mediaType: OCI_MANIFEST,
      bytes: Buffer.from(JSON.stringify(manifest)),
    });
  }
}

function programTar(program: string): Buffer {
  const folder = mkdtempSync(path.join(tmpdir(), 'program-'));
  try {
    const file = path.join(folder, 'bin', program);
    mkdirSync(path.dirname(file));
    writeFileSync(file, `#!/bin/sh\necho ${program} runs\n`);
    chmodSync(file, 0o755);
    return execFileSync('tar', ['--owner=0', '--group=0', '-C', folder, '-c', `bin/${program}`]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
