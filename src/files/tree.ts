import path from 'node:path';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import type { TarMember } from '../tar/member.ts';

/** What a member is without its content. */
export type Meta = Omit<TarMember, 'content' | 'name'>;

/** Where the content of a file is found again: the member so many in the layer so many. */
export interface Place {
  readonly layer: number;
  readonly member: number;
}

/** What stands under a name of the tree; hard links share one. */
export interface Inode {
  readonly meta: Meta;
  readonly place: Place;
}

/** What a tree may come to in memory: entries of all layers together, and bytes of names, link targets and extended attributes. */
export interface TreeLimits {
  readonly entries: number;
  readonly bytes: number;
}

/** Several times what the largest images have: more would be a way to fill the memory. */
const LIMITS: TreeLimits = { entries: 4_000_000, bytes: 256 * 1024 ** 2 };

/** The file system of an image, as far as it is known, and what is left of its limits. */
export interface Tree {
  readonly root: Node;
  left: TreeLimits;
}

/** A name of the tree. */
export interface Node {
  readonly inode: Inode;
  /** The layer that put it there. */
  readonly layer: number;
  /** Of a folder. */
  readonly children: Map<string, Node>;
}

const WHITEOUT = '.wh.';
const AUFS = '.wh..wh.';
const OPAQUE = '.wh..wh..opq';
const MAX_LINKS = 40;
/** Bytes, as Linux has it; and so many folders at most fit into such a name. */
const MAX_NAME = 4096;
const MAX_DEPTH = MAX_NAME / 2;

const folder = (place: Place, mode = 0o755): Inode => ({
  place,
  meta: {
    type: 'folder',
    mode,
    uid: 0,
    gid: 0,
    userName: '',
    groupName: '',
    size: 0,
    mtime: 0,
    linkName: '',
    device: [0, 0],
    xattrs: new Map(),
  },
});

/** An empty tree. */
export const emptyTree = (limits: TreeLimits = LIMITS): Tree => ({
  root: { inode: folder({ layer: -1, member: -1 }), layer: -1, children: new Map() },
  left: limits,
});

/**
 * Applies one member of a layer to the tree (image-spec v1.1, layer.md): whiteouts and opaque folders hide what lower layers have, and nothing of their own layer. Names
 * stay within the tree: `..` at its top leads nowhere, and symbolic links on the way are followed within it. Throws INPUT_INVALID for links that lead out, or nowhere
 * where they must not, for names that no file system has, and for more than the limits of the tree.
 */
export function applyMember(tree: Tree, member: Omit<TarMember, 'content'>, place: Place, subject: string): void {
  const { root } = tree;
  refuseOdd(member, subject);
  const names = segments(member.name);
  const base = names.pop();
  if (base === undefined) {
    if (member.type === 'folder') rootMeta(root, member, place);
    return;
  }
  if (names.some((name) => name.startsWith(AUFS))) return;
  if (base.startsWith(WHITEOUT)) {
    hide(tree, names, base, place, subject);
    return;
  }
  const way = walk(tree, names, place, subject);
  const parent = way.at(-1) ?? root;
  const { name: _, ...meta } = member;
  const before = parent.children.get(base);
  if (member.type === 'folder' && before?.inode.meta.type === 'folder') {
    put(tree, parent, base, { inode: { meta, place }, layer: place.layer, children: before.children }, subject);
    return;
  }
  if (member.type === 'symlink') refuseEscape(way.length - 1, member, subject);
  const inode = member.type === 'link' ? linked(tree, member, place, subject) : { meta, place };
  put(tree, parent, base, { inode, layer: place.layer, children: new Map() }, subject);
}

/** Everything that the tree keeps comes in here. */
function put(tree: Tree, parent: Node, name: string, node: Node, subject: string): void {
  const { linkName, xattrs } = node.inode.meta;
  let bytes = name.length + linkName.length;
  for (const [key, value] of xattrs) bytes += key.length + value.byteLength;
  tree.left = { entries: tree.left.entries - 1, bytes: tree.left.bytes - bytes };
  if (tree.left.entries < 0 || tree.left.bytes < 0)
    throw refused(
      subject,
      name,
      'is one too many: the image has more names, or more in them, than fit into the memory',
    );
  parent.children.set(name, node);
}

/** The names on the way, with `.`, `..` and empty ones resolved: `..` never leads above the top. */
function segments(name: string): string[] {
  return path.posix.normalize(`/${name}`).split('/').filter(Boolean);
}

/** The root's own entry says what the root is like. */
function rootMeta(root: Node, { name: _, ...meta }: Omit<TarMember, 'content'>, place: Place): void {
  (root as { inode: Inode }).inode = { meta, place };
}

function hide(tree: Tree, names: readonly string[], base: string, place: Place, subject: string): void {
  if (base !== OPAQUE && base.startsWith(AUFS)) return;
  const parent = walk(tree, names, place, subject).at(-1) ?? tree.root;
  if (base === OPAQUE) for (const name of parent.children.keys()) hideLower(parent, name, place.layer);
  else hideLower(parent, base.slice(WHITEOUT.length), place.layer);
}

/** Takes away what lower layers have under the name; a folder of the layer itself stays with what the layer put there. */
function hideLower(parent: Node, name: string, layer: number): void {
  const node = parent.children.get(name);
  if (!node) return;
  for (const child of node.children.keys()) hideLower(node, child, layer);
  if (node.layer < layer && node.children.size === 0) parent.children.delete(name);
}

/** The folders that lead to the names, the root first, made where they are not there; symbolic links are followed, a file in the way makes room. */
function walk(tree: Tree, names: readonly string[], place: Place, subject: string): readonly Node[] {
  const { root } = tree;
  let way: Node[] = [root];
  const rest = [...names];
  for (let links = 0; rest.length > 0; ) {
    const name = rest.shift() ?? '';
    const at = way.at(-1) ?? root;
    if (way.length > MAX_DEPTH) throw refused(subject, names.join('/'), `lies below more than ${MAX_DEPTH} folders`);
    if (name === '..') {
      way = way.length > 1 ? way.slice(0, -1) : way;
      continue;
    }
    const next = at.children.get(name);
    if (next?.inode.meta.type === 'symlink') {
      links += 1;
      if (links > MAX_LINKS) throw refused(subject, names.join('/'), 'goes through links that lead in a circle');
      const { linkName } = next.inode.meta;
      if (linkName.startsWith('/')) way = [root];
      rest.unshift(...linkName.split('/').filter((part) => part !== '' && part !== '.'));
      continue;
    }
    if (next?.inode.meta.type === 'folder') way.push(next);
    else {
      if (name.startsWith(WHITEOUT))
        throw refused(subject, names.join('/'), `lies in ${clean(name, 200)}, the name of a whiteout`);
      const made: Node = { inode: folder(place), layer: place.layer, children: new Map() };
      put(tree, at, name, made, subject);
      way.push(made);
    }
  }
  return way;
}

/** What a hard link shares: a name that is there already, and no folder. */
function linked(tree: Tree, { name, linkName }: Omit<TarMember, 'content'>, place: Place, subject: string): Inode {
  const names = segments(linkName);
  const base = names.pop() ?? '';
  const found = walk(tree, names, place, subject).at(-1)?.children.get(base);
  if (found && found.inode.meta.type !== 'folder') return found.inode;
  throw refused(subject, name, `is a hard link to ${clean(linkName, 200)}, which is no file of the image`);
}

/** `from` folders below the root. As engines do it: an absolute target is looked up within the image, one that climbs out of it is hostile. */
function refuseEscape(from: number, { name, linkName }: Omit<TarMember, 'content'>, subject: string): void {
  if (linkName.startsWith('/')) return;
  let depth = from;
  for (const part of linkName.split('/')) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0) throw refused(subject, name, `is a symbolic link to ${clean(linkName, 200)}, out of the image`);
  }
}

/** A name that ends at a zero byte for one program and goes on for another is two names. */
function refuseOdd({ name, linkName }: Omit<TarMember, 'content'>, subject: string): void {
  if (Buffer.byteLength(name) > MAX_NAME) throw refused(subject, name, `has a name of more than ${MAX_NAME} bytes`);
  if (name.includes('\0') || linkName.includes('\0')) throw refused(subject, name, 'has a name with a zero byte in it');
}

const refused = (subject: string, name: string, reason: string): PullError =>
  new PullError('INPUT_INVALID', subject, `${clean(name, 200)} ${reason}`, {
    hint: 'Nothing was written outside: do not trust this image.',
  });
