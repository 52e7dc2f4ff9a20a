import type { Descriptor } from '../oci/descriptor.ts';
import { shortDigest } from '../oci/digest.ts';
import type { BlobSource } from '../ports.ts';
import { decompressed } from '../tar/compression.ts';
import type { TarMember } from '../tar/member.ts';
import { readTar } from '../tar/read-tar.ts';
import { tarEnd } from '../tar/tar-file.ts';
import { writeMember } from '../tar/write-member.ts';
import { applyMember, emptyTree, type Inode, type Node, type TreeLimits } from './tree.ts';

/**
 * The file system that the layers make, bottom first, as one tar (POSIX pax): folders before what is in them, files before their hard links, the same bytes each time.
 * Layers are read twice, nothing is unpacked to disk, and memory holds names, and extended attributes of what is no file, within the limits. Throws what `applyMember`,
 * `readTar` and the source throw.
 */
export async function* flatTar(
  layers: readonly Descriptor[],
  source: BlobSource,
  limits?: TreeLimits,
): AsyncGenerator<Uint8Array> {
  const tree = emptyTree(limits);
  for (const [layer, blob] of layers.entries()) {
    let member = 0;
    for await (const { content: _, ...meta } of membersOf(blob, source)) {
      applyMember(tree, kept(meta), { layer, member }, subjectOf(blob));
      member += 1;
    }
  }
  const names = sortedNames(tree.root);
  for (const [name, { meta }] of names) if (meta.type === 'folder') yield* writeMember(bare(`${name}/`, meta));
  const links = linksOf(names);
  for (const [layer, blob] of layers.entries()) yield* filesOf(blob, layer, links, source);
  for (const [{ meta }, [first = '', ...others]] of links) {
    if (meta.type !== 'file') yield* writeMember(bare(first, meta));
    for (const other of others) yield* writeMember(bare(other, { ...meta, type: 'link', size: 0, linkName: first }));
  }
  yield tarEnd();
}

/** What nobody needs before the second reading: attributes of files come with their contents, and owners go by number. */
const kept = (meta: Omit<TarMember, 'content'>): Omit<TarMember, 'content'> => ({
  ...meta,
  userName: '',
  groupName: '',
  xattrs: meta.type === 'file' ? NONE : meta.xattrs,
});

const NONE: TarMember['xattrs'] = new Map();

const subjectOf = ({ digest }: Descriptor): string => `layer ${shortDigest(digest)}`;

const membersOf = (blob: Descriptor, source: BlobSource): AsyncGenerator<TarMember> =>
  readTar(decompressed(source.open(blob), subjectOf(blob), { size: blob.size }), subjectOf(blob));

/** Every name of the tree but the root's own, in order. */
function sortedNames(root: Node): readonly (readonly [string, Inode])[] {
  const names: (readonly [string, Inode])[] = [];
  const visit = (node: Node, at: string) => {
    for (const [name, child] of [...node.children].sort(([a], [b]) => (a < b ? -1 : 1))) {
      names.push([at + name, child.inode]);
      visit(child, `${at}${name}/`);
    }
  };
  visit(root, '');
  return names;
}

/** What is no folder, with all its names. */
function linksOf(names: readonly (readonly [string, Inode])[]): ReadonlyMap<Inode, readonly string[]> {
  const links = new Map<Inode, string[]>();
  for (const [name, inode] of names) {
    if (inode.meta.type === 'folder') continue;
    links.set(inode, [...(links.get(inode) ?? []), name]);
  }
  return links;
}

/** The files whose content this layer has, each under its first name. */
async function* filesOf(
  blob: Descriptor,
  layer: number,
  links: ReadonlyMap<Inode, readonly string[]>,
  source: BlobSource,
): AsyncGenerator<Uint8Array> {
  const wanted = new Map(
    [...links]
      .filter(([{ meta, place }]) => meta.type === 'file' && place.layer === layer)
      .map(([{ meta, place }, [name = '']]) => [place.member, { name, meta }]),
  );
  let member = 0;
  for await (const { content, xattrs } of wanted.size > 0 ? membersOf(blob, source) : []) {
    const file = wanted.get(member);
    if (file) yield* writeMember({ ...file.meta, name: file.name, xattrs, content });
    member += 1;
  }
}

const bare = (name: string, meta: Inode['meta']): TarMember => ({ ...meta, name, content: nothing() });

async function* nothing(): AsyncGenerator<Uint8Array> {}
