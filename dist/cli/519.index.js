export const id = 519;
export const ids = [519,391,812];
export const modules = {

/***/ 1954:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Y: () => (/* binding */ columns)
/* harmony export */ });
/** Rows as lines, columns as wide as what is in them; the last one as it is. */
function columns(rows) {
    const last = Math.max(...rows.map((row) => row.length)) - 1;
    const widths = Array.from({ length: last }, (_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
    return rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '));
}


/***/ }),

/***/ 4519:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  addCommands: () => (/* binding */ addCommands)
});

// EXTERNAL MODULE: ./node_modules/commander/esm.mjs
var esm = __webpack_require__(8179);
// EXTERNAL MODULE: ./build/oci/digest.js
var oci_digest = __webpack_require__(1564);
// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(7075);
// EXTERNAL MODULE: external "node:zlib"
var external_node_zlib_ = __webpack_require__(8522);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/tar/bounds.js
var tar_bounds = __webpack_require__(3027);
// EXTERNAL MODULE: ./build/tar/zstd.js
var zstd = __webpack_require__(5545);
;// CONCATENATED MODULE: ./build/tar/compression.js





/**
 * What gzip or zstd data holds, known by its first bytes; anything else as it is. Throws INPUT_INVALID or UNSUPPORTED for what cannot be unpacked or is more than the
 * bounds let pass, and what the chunks throw.
 */
async function* decompressed(chunks, subject, { size, bounds = tar_bounds/* BOUNDS */.QT } = {}) {
    const meter = metered(chunks);
    const packed = () => size ?? meter.bytes();
    const iterator = meter.chunks[Symbol.asyncIterator]();
    const head = [];
    for (let length = 0; length < 4;) {
        const next = await iterator.next();
        if (next.done)
            break;
        head.push(Buffer.from(next.value));
        length += next.value.byteLength;
    }
    const first = Buffer.concat(head);
    const whole = joined(first, iterator);
    if ((0,zstd/* isZstd */.o)(first))
        yield* (0,tar_bounds/* bounded */.Mm)((0,zstd/* unzstd */.h)(whole, subject), packed, subject, bounds);
    else if (first[0] === 0x1f && first[1] === 0x8b)
        yield* (0,tar_bounds/* bounded */.Mm)(gunzip(whole, subject), packed, subject, bounds);
    else if (OTHERS[first.toString('latin1', 0, 3)])
        throw unknown(OTHERS[first.toString('latin1', 0, 3)] ?? '', subject);
    else
        yield* whole;
}
/** The chunks, and how many bytes were taken of them. */
function metered(chunks) {
    let bytes = 0;
    async function* counted() {
        for await (const chunk of chunks) {
            bytes += chunk.byteLength;
            yield chunk;
        }
    }
    return { chunks: counted(), bytes: () => bytes };
}
/** By their first three bytes, programs that unpack what Node does not. */
const OTHERS = { '\u00fd7z': 'xz', BZh: 'bzip2' };
function unknown(program, subject) {
    return new errors/* PullError */.YX('UNSUPPORTED', subject, `is compressed by ${program}, which is not unpacked here`, {
        hint: `Unpack it on the way: ${program} -dc FILE | pull-image …`,
    });
}
async function* joined(first, rest) {
    try {
        yield first;
        for (;;) {
            const next = await rest.next();
            if (next.done)
                return;
            yield next.value;
        }
    }
    finally {
        await rest.return?.();
    }
}
async function* gunzip(chunks, subject) {
    let failure;
    async function* noting() {
        try {
            yield* chunks;
        }
        catch (error) {
            failure = error;
            throw error;
        }
    }
    const source = external_node_stream_.Readable.from(noting(), { objectMode: false });
    const plain = source.pipe(external_node_zlib_.createGunzip());
    source.once('error', (error) => plain.destroy(error));
    try {
        yield* plain;
    }
    catch (error) {
        if (failure)
            throw failure;
        throw new errors/* PullError */.YX('INPUT_INVALID', subject, `begins as gzip, but cannot be unpacked: ${error.message}`, {
            cause: error,
        });
    }
    finally {
        source.destroy();
    }
}
/** How a file of this name is to be compressed. */
function compressionOf(name) {
    if (/\.(tgz|gz)$/i.test(name))
        return 'gzip';
    return /\.(zst|tzst|zstd)$/i.test(name) ? 'zstd' : undefined;
}
/** Throws UNSUPPORTED where this Node does not compress by zstd. */
function needZstd() {
    // A static import of the name would not even link on Node 20.
    const create = external_node_zlib_.createZstdCompress;
    if (create)
        return create;
    throw new errors/* PullError */.YX('UNSUPPORTED', 'zstd', `Node ${process.version} does not compress so`, {
        hint: 'Use a name that ends in .gz, or run on Node 22.15 or later.',
    });
}
/** The chunks compressed, or as they are; what the chunks throw is thrown as it is. */
async function* compressed(chunks, how) {
    if (how === undefined)
        return yield* chunks;
    const source = external_node_stream_.Readable.from(chunks, { objectMode: false });
    const out = source.pipe(how === 'gzip' ? external_node_zlib_.createGzip() : needZstd()());
    source.once('error', (error) => out.destroy(error));
    try {
        yield* out;
    }
    finally {
        source.destroy();
    }
}

// EXTERNAL MODULE: ./node_modules/tar/dist/esm/header.js + 2 modules
var esm_header = __webpack_require__(6532);
// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
;// CONCATENATED MODULE: ./build/tar/byte-reader.js
/** Reads from chunks of any size; a chunk is not kept beyond the next call. Throws what the chunks throw. */
function byteReader(chunks) {
    const iterator = chunks[Symbol.asyncIterator]();
    let rest = new Uint8Array(0);
    async function more() {
        while (rest.byteLength === 0) {
            const next = await iterator.next();
            if (next.done)
                return false;
            rest = next.value;
        }
        return true;
    }
    async function* stream(count) {
        for (let left = count; left > 0 && (await more());) {
            const part = rest.subarray(0, left);
            rest = rest.subarray(part.byteLength);
            left -= part.byteLength;
            yield part;
        }
    }
    return {
        stream,
        async take(count) {
            const parts = [];
            for await (const part of stream(count))
                parts.push(Buffer.from(part));
            return Buffer.concat(parts);
        },
        close: async () => void (await iterator.return?.()),
    };
}

// EXTERNAL MODULE: external "node:buffer"
var external_node_buffer_ = __webpack_require__(4573);
;// CONCATENATED MODULE: ./build/tar/names.js

/** Where bytes that are no UTF-8 lie in a text: 0x80 to 0xff as the lone surrogates U+DC80 to U+DCFF, which no UTF-8 makes. */
const ESCAPES = 0xdc00;
const LONGEST = 4;
/** The bytes of a name as a text that loses none of them: names of files are bytes, and two that differ in one that is no UTF-8 are two. */
function nameOf(bytes) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if ((0,external_node_buffer_.isUtf8)(buffer))
        return buffer.toString();
    let name = '';
    for (let at = 0; at < buffer.byteLength;) {
        const length = letterAt(buffer, at);
        name += length > 0 ? buffer.toString('utf8', at, at + length) : String.fromCharCode(ESCAPES + (buffer[at] ?? 0));
        at += Math.max(1, length);
    }
    return name;
}
/** The bytes that `nameOf` made the text of. */
function bytesOf(name) {
    if (!/[\udc80-\udcff]/.test(name))
        return Buffer.from(name);
    const parts = Array.from(name, (letter) => {
        const byte = letter.charCodeAt(0) - ESCAPES;
        return letter.length === 1 && byte >= 0x80 && byte <= 0xff ? Buffer.of(byte) : Buffer.from(letter);
    });
    return Buffer.concat(parts);
}
/** Bytes of the UTF-8 letter that begins there; 0 if none does. */
function letterAt(buffer, at) {
    for (let length = 1; length <= LONGEST && at + length <= buffer.byteLength; length += 1)
        if ((0,external_node_buffer_.isUtf8)(buffer.subarray(at, at + length)))
            return length;
    return 0;
}

;// CONCATENATED MODULE: ./build/tar/pax-records.js
/** Records of a pax header (POSIX.1-2001, "pax Header Block"), as bytes: an extended attribute may hold anything. Undefined if they are malformed. */
function readPax(body) {
    const records = new Map();
    for (let at = 0; at < body.byteLength;) {
        const space = body.indexOf(0x20, at);
        const digits = space < 0 ? '' : body.subarray(at, space).toString('latin1');
        const end = at + Number(digits);
        if (!/^\d{1,8}$/.test(digits) || end > body.byteLength || end <= space || body[end - 1] !== 0x0a)
            return undefined;
        const equals = body.indexOf(0x3d, space);
        if (equals < 0 || equals >= end)
            return undefined;
        records.set(body.subarray(space + 1, equals).toString(), body.subarray(equals + 1, end - 1));
        at = end;
    }
    return records;
}
/** The records as the body of a pax header, in their order. */
function writePax(records) {
    const parts = [];
    for (const [key, value] of records) {
        const content = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
        let length = content.byteLength + 1;
        while (String(length).length + content.byteLength > length)
            length += 1;
        parts.push(Buffer.from(String(length)), content);
    }
    return Buffer.concat(parts);
}

;// CONCATENATED MODULE: ./build/tar/read-tar.js






const BLOCK = 512;
const MAX_HEADER = 1024 * 1024;
/** Four times what Linux takes for a path, and several times what the largest images have of files: more would be a way to fill the memory. */
const MAX_NAME = 16 * 1024;
const MAX_MEMBERS = 4_000_000;
const TYPES = {
    File: 'file',
    OldFile: 'file',
    ContiguousFile: 'file',
    Link: 'link',
    SymbolicLink: 'symlink',
    CharacterDevice: 'character-device',
    BlockDevice: 'block-device',
    Directory: 'folder',
    FIFO: 'fifo',
};
const XATTR = 'SCHILY.xattr.';
/** Bytes, as Linux has it (limits.h: XATTR_NAME_MAX, XATTR_SIZE_MAX). */
const MAX_XATTR_NAME = 255;
const MAX_XATTR = 64 * 1024;
/**
 * The members of a tar (POSIX ustar and pax, GNU long names), in order; whoever takes the next one gives up what is left of the last. Throws INPUT_INVALID where the
 * tar is cut short, damaged or no tar, or has a name or an extended attribute that no Linux takes; UNSUPPORTED for sparse files, and what the chunks throw.
 */
async function* readTar(chunks, subject, { most = MAX_MEMBERS, ended = false } = {}) {
    const reader = byteReader(chunks);
    const global = { pax: new Map(), bytes: 0 };
    let next = { pax: new Map(), bytes: 0 };
    let members = 0;
    try {
        for (;;) {
            const block = await reader.take(BLOCK);
            if (block.byteLength === 0) {
                if (ended)
                    throw cutShort(subject);
                return;
            }
            if (block.byteLength < BLOCK)
                throw damaged(subject, 'is no tar, or ends within a header');
            if (block.every((byte) => byte === 0)) {
                // To its very end: whoever writes into a pipe must not find it closed.
                for await (const _ of reader.stream(Number.POSITIVE_INFINITY))
                    ;
                return;
            }
            const header = new esm_header/* Header */.Y(block, 0);
            if (!header.cksumValid)
                throw damaged(subject, 'is no tar, or damaged: the checksum of a header is wrong');
            const extension = await extensionOf(header, reader, subject);
            if (extension) {
                const of = extension.global ? global : next;
                of.bytes += header.size ?? 0;
                if (of.bytes > MAX_HEADER)
                    throw tooLong(subject, of.bytes);
                for (const [key, value] of extension.records)
                    of.pax.set(key, value);
                continue;
            }
            const pax = new Map([...global.pax, ...next.pax]);
            next = { pax: new Map(), bytes: 0 };
            const member = memberOf(header, block, pax, subject);
            if (!member) {
                await skip(reader, padded(header.size ?? 0), subject);
                continue;
            }
            members += 1;
            if (members > most)
                throw damaged(subject, `has more than ${most} members`);
            let left = member.size;
            async function* content() {
                for await (const part of reader.stream(left)) {
                    left -= part.byteLength;
                    yield part;
                }
                if (left > 0)
                    throw damaged(subject, `ends within ${(0,clean/* clean */.uH)(member?.name ?? '', 200)}`);
            }
            yield { ...member, content: content() };
            await skip(reader, left + padded(member.size) - member.size, subject);
        }
    }
    finally {
        await reader.close();
    }
}
const padded = (size) => Math.ceil(size / BLOCK) * BLOCK;
async function skip(reader, count, subject) {
    let left = count;
    for await (const part of reader.stream(count))
        left -= part.byteLength;
    if (left > 0)
        throw damaged(subject, 'is cut short');
}
/** What a header that is no member of its own says of others; undefined for a member. */
async function extensionOf(header, reader, subject) {
    const keys = {
        NextFileHasLongPath: 'path',
        OldGnuLongPath: 'path',
        NextFileHasLongLinkpath: 'linkpath',
    };
    const key = keys[header.type];
    const isPax = ['ExtendedHeader', 'OldExtendedHeader', 'GlobalExtendedHeader'].includes(header.type);
    if (key === undefined && !isPax)
        return undefined;
    const size = header.size ?? 0;
    if (size > MAX_HEADER)
        throw tooLong(subject, size);
    const body = (await reader.take(padded(size))).subarray(0, size);
    if (body.byteLength < size)
        throw damaged(subject, 'ends within a header');
    if (key !== undefined) {
        const end = body.indexOf(0);
        return { global: false, records: new Map([[key, end < 0 ? body : body.subarray(0, end)]]) };
    }
    const records = readPax(body);
    if (!records)
        throw damaged(subject, 'has a malformed pax header');
    if ([...records.keys()].some((name) => name.startsWith('GNU.sparse.')))
        throw new errors/* PullError */.YX('UNSUPPORTED', subject, 'has a sparse file, which images do not');
    return { global: header.type === 'GlobalExtendedHeader', records };
}
/** A field of text in a header, up to its first zero byte. */
function field(block, from, length) {
    const bytes = block.subarray(from, from + length);
    const end = bytes.indexOf(0);
    return nameOf(end < 0 ? bytes : bytes.subarray(0, end));
}
/** The name a header has; the package that reads it knows UTF-8 alone. */
function pathOf(header, block) {
    if (!header.path?.includes('\ufffd'))
        return header.path ?? '';
    const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? field(block, 345, 155) : '';
    return `${prefix}${prefix === '' ? '' : '/'}${field(block, 0, 100)}`;
}
function linkOf(header, block) {
    return header.linkpath?.includes('\ufffd') ? field(block, 157, 100) : (header.linkpath ?? '');
}
function memberOf(header, block, pax, subject) {
    const text = (key) => pax.get(key)?.toString();
    const number = (key, fallback) => {
        const value = Number(text(key) ?? fallback ?? 0);
        if (!Number.isFinite(value) || value < 0)
            throw damaged(subject, `has a member whose ${key} is no number`);
        return value;
    };
    if (header.type === 'SparseFile')
        throw new errors/* PullError */.YX('UNSUPPORTED', subject, 'has a sparse file, which images do not');
    const named = (key) => {
        const bytes = pax.get(key);
        return bytes && nameOf(bytes);
    };
    const name = named('path') ?? pathOf(header, block);
    const linkName = named('linkpath') ?? linkOf(header, block);
    const longest = Math.max(bytesOf(name).byteLength, bytesOf(linkName).byteLength);
    if (longest > MAX_NAME)
        throw damaged(subject, `has a name of ${longest} bytes, expected at most ${MAX_NAME}`);
    const type = TYPES[header.type] === 'file' && name.endsWith('/') ? 'folder' : TYPES[header.type];
    if (type === undefined)
        return undefined;
    const time = Number(text('mtime') ?? (header.mtime?.getTime() ?? 0) / 1000);
    return {
        name,
        type,
        mode: (header.mode ?? 0) & 0o7777,
        uid: number('uid', header.uid),
        gid: number('gid', header.gid),
        userName: text('uname') ?? header.uname ?? '',
        groupName: text('gname') ?? header.gname ?? '',
        size: type === 'file' ? number('size', header.size) : 0,
        mtime: Number.isFinite(time) ? time : 0,
        linkName,
        device: [header.devmaj ?? 0, header.devmin ?? 0],
        xattrs: xattrsOf(pax, name, subject),
    };
}
function xattrsOf(pax, name, subject) {
    const found = new Map();
    const refuse = (what, bytes, most) => {
        if (bytes <= most)
            return;
        const reason = `${(0,clean/* clean */.uH)(name, 200)} has an extended attribute with a ${what} of ${bytes} bytes, expected at most ${most}`;
        throw damaged(subject, reason);
    };
    for (const [key, value] of pax) {
        if (!key.startsWith(XATTR))
            continue;
        const own = key.slice(XATTR.length);
        refuse('name', Buffer.byteLength(own), MAX_XATTR_NAME);
        refuse('value', value.byteLength, MAX_XATTR);
        // A view of it would keep the whole header in memory.
        found.set(own, Buffer.from(value));
    }
    return found;
}
const tooLong = (subject, bytes) => damaged(subject, `has a header of ${bytes} bytes, expected at most ${MAX_HEADER}`);
const cutShort = (subject) => new errors/* PullError */.YX('INPUT_INVALID', subject, 'ends without the empty blocks that end a tar, so it may be cut short', {
    hint: 'Look at what was to write it: it may have failed. One that is whole gets its end by head -c 1024 /dev/zero >> FILE.',
});
function damaged(subject, reason) {
    return new errors/* PullError */.YX('INPUT_INVALID', subject, reason);
}

// EXTERNAL MODULE: ./build/tar/tar-file.js
var tar_file = __webpack_require__(6586);
;// CONCATENATED MODULE: ./build/tar/write-member.js



const write_member_BLOCK = 512;
/** Characters: what fits into a header of one part, and of two. */
const SHORT = 100;
const write_member_LONGEST = 255;
const write_member_TYPES = {
    file: 'File',
    folder: 'Directory',
    symlink: 'SymbolicLink',
    link: 'Link',
    'character-device': 'CharacterDevice',
    'block-device': 'BlockDevice',
    fifo: 'FIFO',
};
/** One member of a tar, whatever it is (POSIX ustar; pax where that cannot say it): equal members give equal bytes. */
async function* writeMember(member) {
    const { name, type, mode, uid, gid, userName, groupName, size, mtime, linkName, device, xattrs } = member;
    const seconds = Math.floor(mtime);
    const isLong = name.length > write_member_LONGEST;
    const header = new esm_header/* Header */.Y({
        // To find where to part a long name the package tries every slash of it, each time anew.
        path: isLong ? name.slice(0, SHORT) : name,
        type: write_member_TYPES[type],
        mode,
        uid,
        gid,
        uname: userName,
        gname: groupName,
        size,
        mtime: new Date(seconds * 1000),
        linkpath: linkName,
        devmaj: device[0],
        devmin: device[1],
    });
    header.encode();
    const records = [];
    if (isLong || header.needPax || !isAscii(name) || !isAscii(linkName)) {
        records.push(['path', bytesOf(name)], ['uid', String(uid)], ['gid', String(gid)], ['size', String(size)]);
        if (linkName !== '')
            records.push(['linkpath', bytesOf(linkName)]);
    }
    if (mtime !== seconds || seconds < 0)
        records.push(['mtime', String(mtime)]);
    for (const [key, value] of [...xattrs].sort(([a], [b]) => (a < b ? -1 : 1)))
        records.push([`SCHILY.xattr.${key}`, value]);
    if (records.length > 0)
        yield* paxHeader(writePax(records));
    if (header.block)
        yield header.block;
    if (type !== 'file')
        return;
    yield* member.content;
    if (size % write_member_BLOCK > 0)
        yield Buffer.alloc(write_member_BLOCK - (size % write_member_BLOCK));
}
function* paxHeader(body) {
    const header = new esm_header/* Header */.Y({
        path: 'PaxHeader',
        type: 'ExtendedHeader',
        size: body.byteLength,
        mode: 0o644,
        uid: 0,
        gid: 0,
        mtime: new Date(0),
    });
    header.encode();
    if (header.block)
        yield header.block;
    yield body;
    if (body.byteLength % write_member_BLOCK > 0)
        yield Buffer.alloc(write_member_BLOCK - (body.byteLength % write_member_BLOCK));
}
const isAscii = (text) => /^[\x20-\x7e]*$/.test(text);

// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
;// CONCATENATED MODULE: ./build/files/tree.js



/** Several times what the largest images have: more would be a way to fill the memory. */
const LIMITS = { entries: 4_000_000, bytes: 256 * 1024 ** 2 };
const WHITEOUT = '.wh.';
const AUFS = '.wh..wh.';
const OPAQUE = '.wh..wh..opq';
const MAX_LINKS = 40;
/** Bytes, as Linux has it; and so many folders at most fit into such a name. */
const tree_MAX_NAME = 4096;
const MAX_DEPTH = tree_MAX_NAME / 2;
const folder = (place, mode = 0o755) => ({
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
const emptyTree = (limits = LIMITS) => ({
    root: { inode: folder({ layer: -1, member: -1 }), layer: -1, children: new Map() },
    left: limits,
});
/**
 * Applies one member of a layer to the tree (image-spec v1.1, layer.md): whiteouts and opaque folders hide what lower layers have, and nothing of their own layer. Names
 * stay within the tree: `..` at its top leads nowhere, and symbolic links on the way are followed within it. Throws INPUT_INVALID for links that lead out, or nowhere
 * where they must not, for names that no file system has, and for more than the limits of the tree.
 */
function applyMember(tree, member, place, subject) {
    const { root } = tree;
    refuseOdd(member, subject);
    const names = segments(member.name);
    const base = names.pop();
    if (base === undefined) {
        if (member.type === 'folder')
            rootMeta(root, member, place);
        return;
    }
    if (names.some((name) => name.startsWith(AUFS)))
        return;
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
    if (member.type === 'symlink')
        refuseEscape(way.length - 1, member, subject);
    const inode = member.type === 'link' ? linked(tree, member, place, subject) : { meta, place };
    put(tree, parent, base, { inode, layer: place.layer, children: new Map() }, subject);
}
/** Everything that the tree keeps comes in here. */
function put(tree, parent, name, node, subject) {
    const { linkName, xattrs } = node.inode.meta;
    let bytes = name.length + linkName.length;
    for (const [key, value] of xattrs)
        bytes += key.length + value.byteLength;
    tree.left = { entries: tree.left.entries - 1, bytes: tree.left.bytes - bytes };
    if (tree.left.entries < 0 || tree.left.bytes < 0)
        throw refused(subject, name, 'is one too many: the image has more names, or more in them, than fit into the memory');
    parent.children.set(name, node);
}
/** The names on the way, with `.`, `..` and empty ones resolved: `..` never leads above the top. */
function segments(name) {
    return external_node_path_.posix.normalize(`/${name}`).split('/').filter(Boolean);
}
/** The root's own entry says what the root is like. */
function rootMeta(root, { name: _, ...meta }, place) {
    root.inode = { meta, place };
}
function hide(tree, names, base, place, subject) {
    if (base !== OPAQUE && base.startsWith(AUFS))
        return;
    const parent = walk(tree, names, place, subject).at(-1) ?? tree.root;
    if (base === OPAQUE)
        for (const name of parent.children.keys())
            hideLower(parent, name, place.layer);
    else
        hideLower(parent, base.slice(WHITEOUT.length), place.layer);
}
/** Takes away what lower layers have under the name; a folder of the layer itself stays with what the layer put there. */
function hideLower(parent, name, layer) {
    const node = parent.children.get(name);
    if (!node)
        return;
    for (const child of node.children.keys())
        hideLower(node, child, layer);
    if (node.layer < layer && node.children.size === 0)
        parent.children.delete(name);
}
/** The folders that lead to the names, the root first, made where they are not there; symbolic links are followed, a file in the way makes room. */
function walk(tree, names, place, subject) {
    const { root } = tree;
    let way = [root];
    const rest = [...names];
    for (let links = 0; rest.length > 0;) {
        const name = rest.shift() ?? '';
        const at = way.at(-1) ?? root;
        if (way.length > MAX_DEPTH)
            throw refused(subject, names.join('/'), `lies below more than ${MAX_DEPTH} folders`);
        if (name === '..') {
            way = way.length > 1 ? way.slice(0, -1) : way;
            continue;
        }
        const next = at.children.get(name);
        if (next?.inode.meta.type === 'symlink') {
            links += 1;
            if (links > MAX_LINKS)
                throw refused(subject, names.join('/'), 'goes through links that lead in a circle');
            const { linkName } = next.inode.meta;
            if (linkName.startsWith('/'))
                way = [root];
            rest.unshift(...linkName.split('/').filter((part) => part !== '' && part !== '.'));
            continue;
        }
        if (next?.inode.meta.type === 'folder')
            way.push(next);
        else {
            if (name.startsWith(WHITEOUT))
                throw refused(subject, names.join('/'), `lies in ${(0,clean/* clean */.uH)(name, 200)}, the name of a whiteout`);
            const made = { inode: folder(place), layer: place.layer, children: new Map() };
            put(tree, at, name, made, subject);
            way.push(made);
        }
    }
    return way;
}
/** What a hard link shares: a name that is there already, and no folder. */
function linked(tree, { name, linkName }, place, subject) {
    const names = segments(linkName);
    const base = names.pop() ?? '';
    const found = walk(tree, names, place, subject).at(-1)?.children.get(base);
    if (found && found.inode.meta.type !== 'folder')
        return found.inode;
    throw refused(subject, name, `is a hard link to ${(0,clean/* clean */.uH)(linkName, 200)}, which is no file of the image`);
}
/** `from` folders below the root. As engines do it: an absolute target is looked up within the image, one that climbs out of it is hostile. */
function refuseEscape(from, { name, linkName }, subject) {
    if (linkName.startsWith('/'))
        return;
    let depth = from;
    for (const part of linkName.split('/')) {
        if (part === '..')
            depth -= 1;
        else if (part !== '' && part !== '.')
            depth += 1;
        if (depth < 0)
            throw refused(subject, name, `is a symbolic link to ${(0,clean/* clean */.uH)(linkName, 200)}, out of the image`);
    }
}
/** A name that ends at a zero byte for one program and goes on for another is two names. */
function refuseOdd({ name, linkName }, subject) {
    if (Buffer.byteLength(name) > tree_MAX_NAME)
        throw refused(subject, name, `has a name of more than ${tree_MAX_NAME} bytes`);
    if (name.includes('\0') || linkName.includes('\0'))
        throw refused(subject, name, 'has a name with a zero byte in it');
}
const refused = (subject, name, reason) => new errors/* PullError */.YX('INPUT_INVALID', subject, `${(0,clean/* clean */.uH)(name, 200)} ${reason}`, {
    hint: 'Nothing was written outside: do not trust this image.',
});

;// CONCATENATED MODULE: ./build/files/flatten.js






/**
 * The file system that the layers make, bottom first, as one tar (POSIX pax): folders before what is in them, files before their hard links, the same bytes each time.
 * Layers are read twice, nothing is unpacked to disk, and memory holds names, and extended attributes of what is no file, within the limits. Throws what `applyMember`,
 * `readTar` and the source throw.
 */
async function* flatTar(layers, source, limits) {
    const tree = emptyTree(limits);
    for (const [layer, blob] of layers.entries()) {
        let member = 0;
        for await (const { content: _, ...meta } of membersOf(blob, source)) {
            applyMember(tree, kept(meta), { layer, member }, subjectOf(blob));
            member += 1;
        }
    }
    const names = sortedNames(tree.root);
    for (const [name, { meta }] of names)
        if (meta.type === 'folder')
            yield* writeMember(bare(`${name}/`, meta));
    const links = linksOf(names);
    for (const [layer, blob] of layers.entries())
        yield* filesOf(blob, layer, links, source);
    for (const [{ meta }, [first = '', ...others]] of links) {
        if (meta.type !== 'file')
            yield* writeMember(bare(first, meta));
        for (const other of others)
            yield* writeMember(bare(other, { ...meta, type: 'link', size: 0, linkName: first }));
    }
    yield (0,tar_file/* tarEnd */.J)();
}
/** What nobody needs before the second reading: attributes of files come with their contents, and owners go by number. */
const kept = (meta) => ({
    ...meta,
    userName: '',
    groupName: '',
    xattrs: meta.type === 'file' ? NONE : meta.xattrs,
});
const NONE = new Map();
const subjectOf = ({ digest }) => `layer ${(0,oci_digest/* shortDigest */.VK)(digest)}`;
const membersOf = (blob, source) => readTar(decompressed(source.open(blob), subjectOf(blob), { size: blob.size }), subjectOf(blob));
/** Every name of the tree but the root's own, in order. */
function sortedNames(root) {
    const names = [];
    const visit = (node, at) => {
        for (const [name, child] of [...node.children].sort(([a], [b]) => (a < b ? -1 : 1))) {
            names.push([at + name, child.inode]);
            visit(child, `${at}${name}/`);
        }
    };
    visit(root, '');
    return names;
}
/** What is no folder, with all its names. */
function linksOf(names) {
    const links = new Map();
    for (const [name, inode] of names) {
        if (inode.meta.type === 'folder')
            continue;
        links.set(inode, [...(links.get(inode) ?? []), name]);
    }
    return links;
}
/** The files whose content this layer has, each under its first name. */
async function* filesOf(blob, layer, links, source) {
    const wanted = new Map([...links]
        .filter(([{ meta, place }]) => meta.type === 'file' && place.layer === layer)
        .map(([{ meta, place }, [name = '']]) => [place.member, { name, meta }]));
    let member = 0;
    for await (const { content, xattrs } of wanted.size > 0 ? membersOf(blob, source) : []) {
        const file = wanted.get(member);
        if (file)
            yield* writeMember({ ...file.meta, name: file.name, xattrs, content });
        member += 1;
    }
}
const bare = (name, meta) => ({ ...meta, name, content: nothing() });
async function* nothing() { }

// EXTERNAL MODULE: ./build/cli/options.js
var cli_options = __webpack_require__(2315);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:stream/promises"
var external_node_stream_promises_ = __webpack_require__(6466);
// EXTERNAL MODULE: external "node:timers/promises"
var external_node_timers_promises_ = __webpack_require__(8500);
// EXTERNAL MODULE: ./build/github/reporter.js + 4 modules
var reporter = __webpack_require__(682);
// EXTERNAL MODULE: ./build/oci/descriptor.js
var descriptor = __webpack_require__(6937);
// EXTERNAL MODULE: ./build/oci/manifest.js + 1 modules
var oci_manifest = __webpack_require__(1358);
// EXTERNAL MODULE: ./build/oci/media-types.js
var media_types = __webpack_require__(4566);
// EXTERNAL MODULE: ./build/pull/pull.js + 20 modules
var pull = __webpack_require__(3975);
// EXTERNAL MODULE: ./build/settings.js + 3 modules
var build_settings = __webpack_require__(9791);
// EXTERNAL MODULE: ./build/wire.js + 42 modules
var wire = __webpack_require__(8706);
// EXTERNAL MODULE: ./build/cli/store-path.js
var store_path = __webpack_require__(1482);
;// CONCATENATED MODULE: ./build/cli/outgoing.js


















/**
 * Writes images out, compressed by the name of the output; what the store lacks is pulled first. Returns the exit code; throws INPUT_INVALID rather than write to a
 * terminal, and what `pull` and the content throw. There is never half a file under the output's name; what is no file there, such as a device, is written into.
 */
async function sendOut(references, options, { command, make }, { out, say, fillWorker }, signal) {
    if (options.output === undefined && out.isTTY)
        throw new errors/* PullError */.YX('INPUT_INVALID', command, 'an archive is nothing for a terminal', {
            hint: `Add --output FILE, or redirect: pull-image ${command} redis:7 > redis.tar`,
        });
    const how = compressionOf(options.output ?? '');
    if (how === 'zstd')
        needZstd();
    if (options.output !== undefined)
        await checkPlace(options.output, signal);
    const settings = settingsOf(references, options);
    const print = (0,reporter/* createReporter */.A)({ quiet: options.quiet ?? false, write: say });
    const leases = [];
    const stored = [];
    const report = (event) => {
        if (event.type === 'leased')
            leases.push(event.lease);
        print(event);
    };
    const world = { environment: process.env, store: (0,store_path/* storePath */.T)(options.store), fillWorker, report, signal };
    const { ports, close } = await (0,wire/* wire */.O4)(settings, world);
    try {
        const { images } = await (0,pull/* pull */.a)(settings.request, ports);
        if (images.some(({ error }) => error))
            return 1;
        for (const image of images)
            stored.push({ key: image.key, image: await storedImage(image, ports.store) });
        const all = stored.map(({ image }) => image);
        const content = compressed(make(all, ports.store), how);
        await (options.output === undefined ? toStream(content, out, signal) : toFile(content, options.output, signal));
        return 0;
    }
    catch (error) {
        throw aboutImage(error, stored);
    }
    finally {
        await Promise.allSettled(leases.map((lease) => ports.store.release(lease)));
        await close();
    }
}
/** A blob that the store cannot give is known by its digest alone; the reader needs to know which image has it. */
function aboutImage(error, stored) {
    if (!(error instanceof errors/* PullError */.YX))
        return error;
    const { code, subject, message, hint } = error;
    const has = ({ config, layers }) => [config, ...layers].some(({ digest }) => digest === subject);
    const found = stored.find(({ image }) => has(image.manifest));
    return found ? new errors/* PullError */.YX(code, found.key, message, { hint, cause: error }) : error;
}
function settingsOf(references, options) {
    const settings = (0,build_settings/* parseSettings */.P)({
        images: references.join('\n'),
        platforms: options.platform,
        engine: 'none',
        'pull-policy': options.pullPolicy ?? 'missing',
        ...(0,cli_options/* registryInputs */.P4)(options),
    });
    const { platforms } = settings.request;
    if (platforms === 'all' || (platforms !== 'engine' && platforms.length !== 1))
        throw new errors/* PullError */.YX('INPUT_INVALID', '--platform', 'an archive holds one platform', {
            hint: 'Name one, such as linux/arm64, and save the others to files of their own.',
        });
    return settings;
}
/** The one platform as an image of its own: readers that want every platform of an index would miss the others. */
async function storedImage({ key, reference, platforms }, store) {
    const digest = platforms[0]?.digest;
    const bytes = digest && (await store.read(digest));
    if (!reference || !digest || !bytes)
        throw new errors/* PullError */.YX('NOT_HELD', key, 'the store lost its manifest', { hint: 'Save it again.' });
    const document = { mediaType: '', digest, bytes };
    const manifest = (0,oci_manifest/* parseDocument */.Tp)(document, key);
    if (manifest.kind !== 'manifest' || manifest.artifactType || !(0,media_types/* isImageConfigType */.Ky)(manifest.config.mediaType))
        throw new errors/* PullError */.YX('UNSUPPORTED', key, 'not a container image but an artifact, which no engine loads', {
            hint: 'Use pull-image pull to keep it in the store.',
        });
    const typed = { ...document, mediaType: manifest.mediaType };
    const platform = { os: 'linux', architecture: 'unknown' };
    return { reference, target: (0,descriptor/* descriptorOf */.n)(typed), documents: [typed], manifest, platform };
}
async function toStream(archive, out, signal) {
    try {
        await (0,external_node_stream_promises_.pipeline)(external_node_stream_.Readable.from(archive, { objectMode: false }), out, { signal, end: false });
    }
    catch (error) {
        if (error instanceof errors/* PullError */.YX)
            throw error;
        throw writing('standard output', error, signal);
    }
}
async function toFile(archive, file, signal) {
    const into = (name, flags) => (0,external_node_stream_promises_.pipeline)(external_node_stream_.Readable.from(archive, { objectMode: false }), (0,external_node_fs_.createWriteStream)(name, { flags }), { signal });
    try {
        const whole = await behindLinks(external_node_path_.resolve(file));
        // A device or a pipe is there to be written into: a file in its place would take it from everybody else.
        const reader = await untilRead(whole, signal);
        if (await isNoFile(whole))
            await into(whole, 'w').finally(() => reader?.close());
        else
            await beside(whole, (part) => into(part, 'wx'));
    }
    catch (error) {
        if (error instanceof errors/* PullError */.YX)
            throw error;
        throw writing(file, error, signal);
    }
}
/** What cannot be written is not pulled first. */
async function checkPlace(file, signal) {
    try {
        const whole = await behindLinks(external_node_path_.resolve(file));
        const found = await (0,promises_.stat)(whole).catch(() => undefined);
        if (found?.isDirectory())
            throw Object.assign(new Error(whole), { code: 'EISDIR' });
        // With a slash behind it only a folder counts.
        if (!found || found.isFile())
            await (0,promises_.access)(`${external_node_path_.dirname(whole)}${external_node_path_.sep}`, external_node_fs_.constants.W_OK);
    }
    catch (error) {
        throw writing(file, error, signal);
    }
}
/** A pipe that nobody reads yet would be waited for where no signal reaches; this holds the reader until the output is open. */
async function untilRead(file, signal) {
    const isPipe = await (0,promises_.stat)(file).then((found) => found.isFIFO(), () => false);
    while (isPipe)
        try {
            return await (0,promises_.open)(file, external_node_fs_.constants.O_WRONLY | external_node_fs_.constants.O_NONBLOCK);
        }
        catch (error) {
            if (error.code !== 'ENXIO')
                throw error;
            await (0,external_node_timers_promises_.setTimeout)(100, undefined, { signal });
        }
    return undefined;
}
/** Beside the file first, so that there is never half of one under its name. */
async function beside(whole, write) {
    const part = `${whole}.${(0,external_node_crypto_.randomBytes)(4).toString('hex')}.part`;
    try {
        await write(part);
        await (0,promises_.rename)(part, whole);
    }
    catch (error) {
        await (0,promises_.rm)(part, { force: true });
        throw error;
    }
}
const isNoFile = (file) => (0,promises_.stat)(file).then((found) => !found.isFile(), () => false);
/** What a symbolic link leads to, be it there or not; anything else is itself. */
async function behindLinks(file) {
    const target = await (0,promises_.readlink)(file).catch(() => undefined);
    // What it leads to may have no name of its own, as a pipe behind /dev/stdout.
    if (target === undefined || (await isNoFile(file)))
        return file;
    try {
        return await (0,promises_.realpath)(file);
    }
    catch (error) {
        if (error.code !== 'ENOENT')
            throw error;
        return behindLinks(external_node_path_.resolve(await (0,promises_.realpath)(external_node_path_.dirname(file)), target));
    }
}
function writing(where, error, signal) {
    if (signal.aborted || (0,errors/* isCancelled */.mm)(error))
        return new errors/* PullError */.YX('CANCELLED', where, 'cancelled', { cause: error });
    const { code = '', message } = error;
    const reason = FOUND[code] ?? `the archive cannot be written: ${message}`;
    const hint = code === 'ENOSPC'
        ? 'Free some space there, or name another file with --output.'
        : 'Name a file that can be written with --output.';
    return new errors/* PullError */.YX(code === 'ENOSPC' ? 'DISK_FULL' : 'INPUT_INVALID', where, reason, { hint, cause: error });
}
const FOUND = {
    ENOSPC: 'no space left for the archive',
    EISDIR: 'expected a file to write the archive to, found a folder',
    ENOENT: 'expected a folder to write the archive in, found none',
    ENOTDIR: 'expected a folder to write the archive in, found a file',
    EACCES: 'expected a place that this user may write to, found one that is kept from it',
    EPERM: 'expected a place that this user may write to, found one that is kept from it',
    EROFS: 'expected a place that can be written to, found a file system that is read-only',
};

;// CONCATENATED MODULE: ./build/cli/export.js




/** `export`: the flat file system of an image as a tar. */
function exportCommand(streams, signal) {
    return (0,cli_options/* withOutgoing */.XM)(new esm/* Command */.uB('export'))
        .description('write the file system of an image as one tar, its layers applied; unpacks nothing to disk')
        .argument('<reference>', 'an image, such as redis:7; pulled first if the store lacks it')
        .addHelpText('after', '\nExample:\n  pull-image export alpine:3 | tar -t')
        .action(async (reference, options) => {
        process.exitCode = await sendOut([reference], options, FILES, streams, signal);
    });
}
const FILES = {
    command: 'export',
    async *make(images, store) {
        for (const { manifest } of images)
            yield* flatTar(manifest.layers, store);
    },
};

// EXTERNAL MODULE: ./build/lib/records.js
var records = __webpack_require__(9146);
;// CONCATENATED MODULE: ./build/archives/healthcheck.js



const TIMES = {
    interval: 'Interval',
    timeout: 'Timeout',
    'start-period': 'StartPeriod',
    'start-interval': 'StartInterval',
};
/** Nanoseconds. */
const UNITS = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
/** What is behind HEALTHCHECK (Dockerfile reference) as engines keep it, times in nanoseconds. Throws INPUT_INVALID with what was expected. */
function readHealthcheck(text, change) {
    const found = {};
    let rest = text;
    for (;;) {
        const [flag, name = '', value = ''] = /^--([a-z-]+)=(\S+)\s*/.exec(rest) ?? [];
        if (flag === undefined)
            break;
        rest = rest.slice(flag.length);
        if (name === 'retries' && /^\d+$/.test(value))
            found.Retries = Number(value);
        else if (Object.hasOwn(TIMES, name))
            found[TIMES[name]] = nanoseconds(value, change);
        else
            throw odd(change, '--interval, --timeout, --start-period, --start-interval or --retries=<number>');
    }
    if (/^NONE$/i.test(rest) && Object.keys(found).length === 0)
        return { Test: ['NONE'] };
    const [, command = ''] = /^CMD\s+(\S.*)$/is.exec(rest) ?? [];
    if (command === '')
        throw odd(change, 'NONE, or CMD and a command');
    return { Test: testOf(command), ...found };
}
function testOf(command) {
    const list = (0,records/* parseTexts */.oh)(command);
    return list ? ['CMD', ...list] : ['CMD-SHELL', command];
}
/** `1m30s`, `500ms`; at least a millisecond, as Docker wants it. */
function nanoseconds(text, change) {
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
    const whole = parts.map(([part]) => part).join('') === text;
    const sum = parts.reduce((all, [, number, unit = '']) => all + Number(number) * (UNITS[unit] ?? 0), 0);
    if (parts.length === 0 || !whole || (sum !== 0 && sum < 1e6))
        throw odd(change, 'a time such as 30s or 1m30s');
    return Math.round(sum);
}
const odd = (change, expected) => new errors/* PullError */.YX('INPUT_INVALID', '--change', `expected ${expected}, found ${JSON.stringify((0,clean/* clean */.uH)(change, 200))}`);

;// CONCATENATED MODULE: ./build/archives/instruction-words.js
const VARIABLE = /^\$(?:\{([A-Za-z_]\w*)(?:(:[-+])([^}]*))?\}|([A-Za-z_]\w*))/;
/**
 * The words of an instruction's text as Docker's builder takes it apart (Dockerfile reference, "Environment replacement"): blanks part them, quotes and
 * backslashes keep them together and are gone, and `$name`, `${name}`, `${name:-else}` and `${name:+then}` are replaced, but within single quotes.
 */
function wordsOf(text, variables) {
    const words = [];
    let word;
    let quote = '';
    for (let at = 0; at < text.length; at += 1) {
        const letter = text[at] ?? '';
        if (letter === quote)
            quote = '';
        else if (quote === '' && (letter === '"' || letter === "'")) {
            quote = letter;
            word ??= '';
        }
        else if (quote === '' && /\s/.test(letter)) {
            if (word !== undefined)
                words.push(word);
            word = undefined;
        }
        else if (letter === '\\' && quote !== "'" && isEscape(text[at + 1], quote)) {
            at += 1;
            word = (word ?? '') + (text[at] ?? '');
        }
        else {
            const variable = letter === '$' && quote !== "'" ? VARIABLE.exec(text.slice(at)) : null;
            word = (word ?? '') + (variable ? replaced(variable, variables) : letter);
            if (variable)
                at += variable[0].length - 1;
        }
    }
    return word === undefined ? words : [...words, word];
}
/** Within double quotes a backslash is one, but before what means something there. */
const isEscape = (next, quote) => next !== undefined && (quote === '' || /["$\\]/.test(next));
function replaced([, braced, how, other = '', bare = ''], variables) {
    const name = braced ?? bare;
    const value = Object.hasOwn(variables, name) ? (variables[name] ?? '') : '';
    if (how === ':+')
        return value === '' ? '' : other;
    return how === ':-' && value === '' ? other : value;
}

;// CONCATENATED MODULE: ./build/archives/changes.js






const TAKEN = 'CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME or WORKDIR';
/** The config that Dockerfile instructions make, in their order, as `docker import --change` reads them. Throws INPUT_INVALID for what is none of these. */
function configOf(changes, os) {
    return changes.reduce((config, change) => applyChange(config, change.trim(), os), {});
}
function applyChange(config, change, os) {
    const [, keyword = '', rest = ''] = /^([A-Za-z]+)(?:\s+(.*))?$/s.exec(change) ?? [];
    const variables = Object.fromEntries((config.Env ?? []).map((each) => each.split(/=(.*)/s, 2)));
    const words = () => some(wordsOf(rest, variables), change);
    switch (keyword.toUpperCase()) {
        case 'CMD':
            return { ...config, Cmd: commandOf(rest, os) };
        case 'ENTRYPOINT':
            return { ...config, Entrypoint: commandOf(rest, os) };
        case 'ENV': {
            const set = pairsOf(rest, words(), variables, change);
            return { ...config, Env: Object.entries({ ...variables, ...set }).map((pair) => pair.join('=')) };
        }
        case 'EXPOSE':
            return {
                ...config,
                ExposedPorts: { ...config.ExposedPorts, ...keyed(words().flatMap((it) => ports(it, change))) },
            };
        case 'HEALTHCHECK':
            return { ...config, Healthcheck: readHealthcheck(rest, change) };
        case 'LABEL':
            return { ...config, Labels: { ...config.Labels, ...pairsOf(rest, words(), variables, change) } };
        case 'ONBUILD':
            if (rest === '' || /^(ONBUILD|FROM|MAINTAINER)\b/i.test(rest))
                throw changes_odd(change, 'an instruction behind ONBUILD other than ONBUILD, FROM and MAINTAINER');
            return { ...config, OnBuild: [...(config.OnBuild ?? []), rest] };
        case 'STOPSIGNAL':
            return { ...config, StopSignal: one(words(), change) };
        case 'USER':
            return { ...config, User: one(words(), change) };
        case 'VOLUME':
            return { ...config, Volumes: { ...config.Volumes, ...keyed(some(listOf(rest) ?? words(), change)) } };
        case 'WORKDIR':
            return { ...config, WorkingDir: external_node_path_.posix.resolve('/', config.WorkingDir ?? '', one(words(), change)) };
        default:
            throw changes_odd(change, TAKEN);
    }
}
/** A JSON list of texts, if it is one; anything else is for a shell. */
function listOf(text) {
    return text.startsWith('[') ? (0,records/* parseTexts */.oh)(text) : undefined;
}
function commandOf(text, os) {
    const list = listOf(text);
    if (list || text === '')
        return list ?? [];
    return os === 'windows' ? ['cmd', '/S', '/C', text] : ['/bin/sh', '-c', text];
}
/** `key=value` as often as one likes, or one key and all that follows it. */
function pairsOf(rest, words, variables, change) {
    const [first = '', ...others] = words;
    if (!first.includes('=')) {
        if (others.length === 0)
            throw changes_odd(change, 'a name and a value');
        const [, value = ''] = /^\S+\s+(.*)$/s.exec(rest) ?? [];
        return { [first]: /["'\\$]/.test(value) ? wordsOf(value, variables).join(' ') : value };
    }
    const pairs = words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
    if (words.some((word) => word.indexOf('=') < 1))
        throw changes_odd(change, 'name=value each time');
    return Object.fromEntries(pairs);
}
/** `80`, `53/udp` or `8000-8010`, each port as engines write it. */
function ports(text, change) {
    const [, first = '', last = first, protocol = 'tcp'] = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/i.exec(text) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === '' || from < 1 || to > 65_535 || from > to)
        throw changes_odd(change, 'ports from 1 to 65535, such as 80, 53/udp or 8000-8010');
    return Array.from({ length: to - from + 1 }, (_, at) => `${from + at}/${protocol.toLowerCase()}`);
}
const keyed = (keys) => Object.fromEntries(keys.map((key) => [key, {}]));
function one(words, change) {
    const [word = ''] = words;
    if (words.length !== 1)
        throw changes_odd(change, 'one word');
    return word;
}
function some(words, change) {
    if (words.length === 0)
        throw changes_odd(change, 'something behind the instruction');
    return words;
}
const changes_odd = (change, expected) => new errors/* PullError */.YX('INPUT_INVALID', '--change', `expected ${expected}, found ${JSON.stringify((0,clean/* clean */.uH)(change, 200))}`);

// EXTERNAL MODULE: ./build/lib/one-chunk.js
var one_chunk = __webpack_require__(100);
// EXTERNAL MODULE: ./build/oci/config.js
var oci_config = __webpack_require__(4446);
// EXTERNAL MODULE: ./build/lib/format.js
var format = __webpack_require__(177);
;// CONCATENATED MODULE: ./build/archives/members.js










const LARGE = 1_000_000;
const DOCUMENTS = ['index.json', 'manifest.json', 'oci-layout'];
const BLOB = /^blobs\/(sha256|sha512)\/([0-9a-f]+)$/;
/**
 * Takes an archive apart: what a layout calls a blob is hashed into the store at once, whatever else is a file is hashed and put aside in the folder. Names are only ever
 * looked up, never used as paths. Throws INPUT_INVALID, DIGEST_MISMATCH, and what the store and the chunks throw.
 */
async function takeApart(chunks, store, folder, subject) {
    const documents = new Map();
    const blobs = new Map();
    const aside = new Map();
    const links = new Map();
    let known = 0;
    for await (const member of readTar(chunks, subject)) {
        const name = external_node_path_.posix.normalize(member.name.replace(/^\/+/, ''));
        if (member.type === 'symlink')
            links.set(name, external_node_path_.posix.join(external_node_path_.posix.dirname(name), member.linkName));
        if (member.type === 'link')
            links.set(name, external_node_path_.posix.normalize(member.linkName));
        if (member.type !== 'file')
            continue;
        const digest = digestIn(name);
        if (DOCUMENTS.includes(name))
            documents.set(name, await whole(member, subject));
        else if (digest) {
            await makeSureItFits(member, store, subject);
            if (await takeBlob(member, digest, store, subject))
                known += 1;
            blobs.set(digest, member.size);
        }
        else {
            await makeSureItFits(member, store, subject);
            aside.set(name, await putAside(member, folder));
        }
    }
    return { documents, blobs, known, aside, links };
}
/** What an archive announces is looked at before the disk is full. */
async function makeSureItFits({ name, size }, store, subject) {
    if (size < LARGE)
        return;
    const free = await store.freeBytes();
    if (size <= free)
        return;
    const reason = `${(0,clean/* clean */.uH)(name, 100)} has ${(0,format/* formatBytes */.z3)(size)}, and ${(0,format/* formatBytes */.z3)(free)} are free in ${store.root}`;
    throw new errors/* PullError */.YX('DISK_FULL', subject, reason, {
        hint: 'Free some space there, or use --store with a larger disk.',
    });
}
function digestIn(name) {
    const [, algorithm, hex] = BLOB.exec(name) ?? [];
    const digest = `${algorithm}:${hex}`;
    return (0,oci_digest/* isDigest */.Bc)(digest) ? digest : undefined;
}
/** True if the store had it already; its bytes in the archive are proved all the same. */
async function takeBlob({ size, content }, digest, store, subject) {
    if (!(await store.has({ digest, size }))) {
        await store.write({ digest, size }, content);
        return false;
    }
    const hash = (0,external_node_crypto_.createHash)((0,oci_digest/* algorithmOf */.Hy)(digest));
    for await (const chunk of content)
        hash.update(chunk);
    const found = (0,oci_digest/* finishDigest */.g4)(hash, (0,oci_digest/* algorithmOf */.Hy)(digest));
    if (found !== digest)
        throw new errors/* PullError */.YX('DIGEST_MISMATCH', subject, `expected ${digest}, found ${found}`);
    return true;
}
async function whole({ name, size, content }, subject) {
    const limit = `expected at most ${oci_manifest/* MAX_DOCUMENT_BYTES */.bi}`;
    if (size > oci_manifest/* MAX_DOCUMENT_BYTES */.bi)
        throw new errors/* PullError */.YX('INPUT_INVALID', subject, `${(0,clean/* clean */.uH)(name, 100)} has ${size} bytes, ${limit}`);
    const parts = [];
    for await (const part of content)
        parts.push(Buffer.from(part));
    return Buffer.concat(parts);
}
async function putAside({ size, content }, folder) {
    const file = external_node_path_.join(folder, (0,external_node_crypto_.randomUUID)());
    const hash = (0,external_node_crypto_.createHash)('sha256');
    async function* hashed() {
        for await (const part of content) {
            hash.update(part);
            yield part;
        }
    }
    await (0,external_node_stream_promises_.pipeline)(hashed, (0,external_node_fs_.createWriteStream)(file, { flags: 'wx', mode: 0o600 }));
    return { file, digest: (0,oci_digest/* finishDigest */.g4)(hash, 'sha256'), size };
}
/** The file of this name, through links, as far as they are no maze. */
function fileOf({ aside, links }, name) {
    let at = external_node_path_.posix.normalize(name);
    for (let hops = 0; at !== undefined && hops < 8; hops += 1) {
        const found = aside.get(at);
        if (found)
            return found;
        at = links.get(at);
    }
    return undefined;
}

;// CONCATENATED MODULE: ./build/archives/adopt-image.js







/**
 * Makes an image of the store out of one that an archive has as a config and plain layers: an OCI manifest over them, the same bytes each time. Each layer must be what
 * the config's `diff_ids` say, and the config what its own name says. Throws INPUT_INVALID or DIGEST_MISMATCH, and what the store throws.
 */
async function adoptImage(image, members, store, subject) {
    const config = found(members, image.config, subject);
    const named = /([0-9a-f]{64})(?:\.json)?$/.exec(image.config)?.[1];
    if (named !== undefined && config.digest !== `sha256:${named}`)
        throw mismatch(subject, `expected config sha256:${named}, found ${config.digest}`);
    await adopt(store, config);
    const { diffIds } = (0,oci_config/* parseConfig */.o)((await store.read(config.digest)) ?? new Uint8Array(), subject);
    if (diffIds.length !== image.layers.length) {
        const reason = `the config lists ${diffIds.length} layers, manifest.json ${image.layers.length}`;
        throw new errors/* PullError */.YX('INPUT_INVALID', subject, reason);
    }
    const layers = [];
    for (const [at, name] of image.layers.entries()) {
        const layer = found(members, name, subject);
        if (layer.digest !== diffIds[at])
            throw mismatch(subject, `expected layer ${(0,clean/* clean */.uH)(diffIds[at] ?? '', 100)}, found ${layer.digest}`);
        await adopt(store, layer);
        layers.push({ mediaType: media_types/* OCI_LAYER_TAR */.m, digest: layer.digest, size: layer.size });
    }
    return writeManifest(store, { mediaType: media_types/* OCI_CONFIG */.TF, digest: config.digest, size: config.size }, layers);
}
/** Writes an OCI manifest over blobs that are in the store (image-spec v1.1, manifest.md), the same bytes each time, and returns its descriptor. */
async function writeManifest(store, config, layers) {
    const manifest = { schemaVersion: 2, mediaType: media_types/* OCI_MANIFEST */.EG, config, layers };
    const bytes = Buffer.from(JSON.stringify(manifest));
    const target = { mediaType: media_types/* OCI_MANIFEST */.EG, digest: (0,oci_digest/* digestOf */.ol)(bytes), size: bytes.byteLength };
    if (!(await store.has(target)))
        await store.write(target, (0,one_chunk/* oneChunk */.w)(bytes));
    return target;
}
async function adopt(store, { file, digest, size }) {
    if (!(await store.has({ digest, size })))
        await store.adopt(file, { digest, size });
}
function found(members, name, subject) {
    const file = fileOf(members, name);
    if (file)
        return file;
    const reason = `manifest.json names ${(0,clean/* clean */.uH)(name, 200)}, which is not in the archive`;
    throw new errors/* PullError */.YX('INPUT_INVALID', subject, reason, {
        hint: 'Save the image again: the archive is not complete.',
    });
}
const mismatch = (subject, reason) => new errors/* PullError */.YX('DIGEST_MISMATCH', subject, reason);

;// CONCATENATED MODULE: ./build/archives/import-tar.js













/** Of no bytes. */
const NOTHING = (0,oci_digest/* digestOf */.ol)(Buffer.of());
/**
 * Makes a one-layer OCI image of a tar, gzip and zstd included; the layer is stored as gzip. Throws INPUT_INVALID for what is no whole tar or nothing at all, before anything is in the
 * store, and what the store and the chunks throw.
 */
async function importTar(chunks, store, { platform, comment, created, config: settings = {} }, subject) {
    const staging = external_node_path_.join(store.root, 'staging');
    await (0,promises_.mkdir)(staging, { recursive: true });
    const folder = await (0,promises_.mkdtemp)(external_node_path_.join(staging, 'import-'));
    try {
        const { file, diffId, layer } = await packed(decompressed(chunks, subject), folder);
        // A tar of no files has its end: this is what a program leaves that failed before a pipe.
        if (diffId === NOTHING)
            throw new errors/* PullError */.YX('INPUT_INVALID', subject, 'is empty, expected a tar', {
                hint: 'Look at what was to write it: it may have failed.',
            });
        // Read to its end, so that no image holds what nobody can unpack.
        const plain = decompressed((0,external_node_fs_.createReadStream)(file), subject, { bounds: tar_bounds/* UNBOUNDED */.fk });
        for await (const _ of readTar(plain, subject, { ended: true }))
            ;
        if (!(await store.has(layer)))
            await store.adopt(file, layer);
        const { os, architecture, variant } = platform;
        const config = Buffer.from(JSON.stringify({
            created,
            architecture,
            os,
            variant,
            config: settings,
            rootfs: { type: 'layers', diff_ids: [diffId] },
            history: [{ created, comment }],
        }));
        const described = { mediaType: media_types/* OCI_CONFIG */.TF, digest: (0,oci_digest/* digestOf */.ol)(config), size: config.byteLength };
        if (!(await store.has(described)))
            await store.write(described, (0,one_chunk/* oneChunk */.w)(config));
        return { target: await writeManifest(store, described, [layer]), layer };
    }
    finally {
        await (0,promises_.rm)(folder, { recursive: true, force: true });
    }
}
async function packed(plain, folder) {
    const file = external_node_path_.join(folder, (0,external_node_crypto_.randomUUID)());
    const inner = (0,external_node_crypto_.createHash)('sha256');
    const outer = (0,external_node_crypto_.createHash)('sha256');
    async function* hashed(content, hash) {
        for await (const part of content) {
            hash.update(part);
            yield part;
        }
    }
    const gzip = hashed(compressed(hashed(plain, inner), 'gzip'), outer);
    await (0,external_node_stream_promises_.pipeline)(gzip, (0,external_node_fs_.createWriteStream)(file, { flags: 'wx', mode: 0o600 }));
    const { size } = await (0,promises_.stat)(file);
    const layer = { mediaType: media_types/* OCI_LAYER_GZIP */.BQ, digest: (0,oci_digest/* finishDigest */.g4)(outer, 'sha256'), size };
    return { file, diffId: (0,oci_digest/* finishDigest */.g4)(inner, 'sha256'), layer };
}

// EXTERNAL MODULE: ./build/oci/reference.js
var oci_reference = __webpack_require__(907);
;// CONCATENATED MODULE: ./build/images/naming.js



/** No registry ever said where a name given here points, so it stands in for no registry that cannot be asked. */
const NEVER = 0;
/** Text as a name to be given, `latest` where it has no tag; throws REFERENCE_INVALID, also for a digest, which nobody can give. */
function newName(text) {
    const reference = (0,oci_reference/* withDefaultTag */._t)((0,oci_reference/* parseReference */.F2)(text));
    if (reference.digest === undefined)
        return reference;
    throw new errors/* PullError */.YX('REFERENCE_INVALID', (0,clean/* clean */.uH)(text, 300), 'a name that is given cannot have a digest', {
        hint: 'Write name:tag.',
    });
}
/** Points the name at the target, as pulls record names; throws what `Store.record` throws. */
async function nameTarget(store, reference, { mediaType, digest, size }, readAs) {
    const target = { mediaType, digest, size };
    const names = [...new Set([(0,oci_reference/* familiarReference */.ZD)(reference), (0,oci_reference/* canonicalReference */.Ys)(reference)])];
    await store.record(names.map((name) => ({ name, target, readAs, at: NEVER })));
}

// EXTERNAL MODULE: ./build/lib/redact.js
var redact = __webpack_require__(1059);
// EXTERNAL MODULE: ./build/oci/platform.js
var oci_platform = __webpack_require__(4647);
;// CONCATENATED MODULE: ./build/cli/incoming.js



/** The bytes of a file, or of standard input where none is named; throws INPUT_INVALID for a terminal, at once, and what cannot be read, when it is. */
function openInput(file, example, stdin, signal) {
    if (file !== undefined)
        return read(() => (0,external_node_fs_.createReadStream)(file, { highWaterMark: 512 * 1024 }), file, example, signal);
    const input = stdin();
    if (!input.isTTY)
        return read(() => input, 'standard input', example, signal);
    throw new errors/* PullError */.YX('INPUT_INVALID', 'standard input', 'a terminal gives no archive', {
        hint: `Name a file, or pipe one in: ${example.from} | ${example.into}`,
    });
}
// Opened when it is read: a stream that fails before anybody listens would end the process.
async function* read(open, subject, example, signal) {
    try {
        for await (const chunk of open()) {
            if (signal.aborted)
                throw (0,errors/* cancelled */.KW)();
            yield chunk;
        }
    }
    catch (cause) {
        if (cause instanceof errors/* PullError */.YX)
            throw cause;
        const [reason, hint] = incoming_wordsOf(cause, example);
        throw new errors/* PullError */.YX('INPUT_INVALID', (0,clean/* clean */.uH)(subject, 300), reason, { hint, cause });
    }
}
function incoming_wordsOf({ code, message }, { into }) {
    switch (code) {
        case 'ENOENT':
        case 'ENOTDIR':
            return [
                'expected an archive, found nothing there',
                `Correct the path, which begins at ${(0,clean/* clean */.uH)(process.cwd(), 300)}.`,
            ];
        case 'EISDIR':
            return ['expected an archive, found a folder', `Pack what is in it: tar -C FOLDER -c . | ${into}`];
        case 'EACCES':
        case 'EPERM':
            return ['expected a file that this user may read, found one that is kept from it', 'Change its permissions.'];
        default:
            return [`cannot be read: ${(0,clean/* clean */.uH)(message, 200)}`];
    }
}

// EXTERNAL MODULE: ./build/cli/open-store.js
var open_store = __webpack_require__(1041);
;// CONCATENATED MODULE: ./build/cli/import.js












/** `import`: a tar as an image of one layer. */
function importCommand(say, stdin, signal) {
    return new esm/* Command */.uB('import')
        .description('make an image of one layer out of the tar of a file system, and keep it in the store; prints its digest')
        .argument('<file>', 'the tar, perhaps compressed by gzip or zstd, or - for standard input')
        .argument('<name>', 'what the image is to be called, such as org/base:1')
        .option('--platform <platform>', 'what the files run on (default: this machine)')
        .addOption((0,cli_options/* several */.J$)('-c, --change <instruction>', 'how it is run, as a Dockerfile says it: CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR'))
        .option('-m, --message <message>', 'a comment for its history')
        .option(...cli_options/* STORE */.er)
        .addHelpText('after', '\nExample:\n  tar -C rootfs -c . | pull-image import --change \'CMD ["bash"]\' --change "ENV LANG=C.UTF-8" - org/debian:mine')
        .action(async (file, name, options) => {
        const reference = newName(name);
        const platform = (0,oci_platform/* normalizePlatform */.FL)(options.platform === undefined ? (0,oci_platform/* hostPlatform */.ol)() : (0,oci_platform/* parsePlatform */.Y8)(options.platform));
        const config = configOf(options.change, platform.os);
        if (/^https?:\/\//i.test(file))
            throw new errors/* PullError */.YX('INPUT_INVALID', (0,clean/* clean */.uH)((0,redact/* redactUrl */.BO)(file), 300), 'expected a file, found a URL', {
                hint: `Write curl -fL URL | pull-image import - ${(0,clean/* clean */.uH)(name, 200)}.`,
            });
        const subject = file === '-' ? 'standard input' : (0,clean/* clean */.uH)(file, 300);
        const input = openInput(file === '-' ? undefined : file, { from: 'tar -c .', into: `pull-image import - ${(0,clean/* clean */.uH)(name, 200)}` }, stdin, signal);
        const { store } = await (0,open_store/* openOrMake */.Q)(options.store);
        const facts = {
            platform,
            config,
            comment: options.message ?? `Imported from ${file}`,
            created: new Date().toISOString(),
        };
        const { target } = await importTar(input, store, facts, subject);
        await nameTarget(store, reference, target);
        say(`${(0,oci_reference/* familiarReference */.ZD)(reference)}@${target.digest}`);
    });
}

// EXTERNAL MODULE: ./build/oci/layout.js
var layout = __webpack_require__(2470);
;// CONCATENATED MODULE: ./build/images/compose.js






/**
 * Writes an OCI index of the images' platforms and attestations, in their order, and returns its descriptor. Equal images give equal bytes. Throws INPUT_INVALID if two
 * images have the same platform, PLATFORM_NOT_FOUND for one that says none, BLOB_UNKNOWN if the store lacks a blob of one.
 */
async function composeIndex(store, images) {
    const manifests = [];
    const owners = new Map();
    for (const image of images) {
        for (const held of image.contents.held) {
            await checkHeld(store, image, held);
            if (manifests.some(({ digest }) => digest === held.descriptor.digest))
                continue;
            if (!held.attestation)
                claim(owners, image, held);
            manifests.push(childOf(held.descriptor));
        }
    }
    const bytes = Buffer.from((0,layout/* indexJson */.Hh)(manifests));
    const target = { mediaType: media_types/* OCI_INDEX */.$p, digest: (0,oci_digest/* digestOf */.ol)(bytes), size: bytes.byteLength };
    if (!(await store.has(target)))
        await store.write(target, (0,one_chunk/* oneChunk */.w)(bytes));
    return target;
}
function claim(owners, image, { descriptor }) {
    if (!descriptor.platform)
        throw new errors/* PullError */.YX('PLATFORM_NOT_FOUND', image.name, 'its config names no OS and architecture', {
            hint: 'An index tells its images apart by their platforms.',
        });
    const platform = (0,oci_platform/* formatPlatform */.Bq)((0,oci_platform/* normalizePlatform */.FL)(descriptor.platform));
    const owner = owners.get(platform);
    if (owner)
        throw new errors/* PullError */.YX('INPUT_INVALID', platform, `is both in ${owner.name} and in ${image.name}`, {
            hint: 'Leave one of them out.',
        });
    owners.set(platform, image);
}
async function checkHeld(store, { name }, { manifest }) {
    for (const blob of [manifest.config, ...manifest.layers])
        if (!blob.urls?.length && !(await store.has(blob)))
            throw new errors/* PullError */.YX('BLOB_UNKNOWN', name, `the store lacks ${blob.digest}`, { hint: 'Pull the image again.' });
}
/** What an index says of a manifest; attestations keep the annotations that say whose they are. */
const childOf = ({ mediaType, digest, size, platform, annotations }) => ({
    mediaType,
    digest,
    size,
    platform,
    annotations,
});

// EXTERNAL MODULE: ./node_modules/valibot/dist/index.mjs
var dist = __webpack_require__(7934);
// EXTERNAL MODULE: ./build/oci/untrusted-json.js
var untrusted_json = __webpack_require__(1363);
;// CONCATENATED MODULE: ./build/oci/image-config.js


const image_config_text = dist/* fallback */.NpB(dist/* optional */.lqM(dist/* string */.YjP()), undefined);
const stepSchema = dist/* object */.Ikc({
    created: image_config_text,
    created_by: image_config_text,
    comment: image_config_text,
    author: image_config_text,
    empty_layer: dist/* fallback */.NpB(dist/* optional */.lqM(dist/* boolean */.zMY()), undefined),
});
const schema = dist/* object */.Ikc({
    created: image_config_text,
    config: dist/* fallback */.NpB(dist/* optional */.lqM(dist/* looseObject */._H3({ Labels: dist/* fallback */.NpB(dist/* nullish */.cl6(dist/* record */.g1P(dist/* string */.YjP(), dist/* string */.YjP())), {}) })), {
        Labels: {},
    }),
    history: dist/* fallback */.NpB(dist/* optional */.lqM(dist/* array */.YOg(stepSchema)), []),
});
const ZERO_TIME = Date.parse('0001-01-01T00:00:00Z');
/** The config for people; throws MANIFEST_INVALID only if the bytes are not a JSON object: odd members count as absent. */
function parseImageConfig(bytes, subject) {
    const json = (0,untrusted_json/* decodeObject */.gv)(bytes, subject);
    const { created, config, history = [] } = dist/* parse */.qgA(schema, json);
    return {
        created: created !== undefined && Date.parse(created) > ZERO_TIME ? created : undefined,
        labels: config?.Labels ?? {},
        history,
        settings: json.config,
    };
}

// EXTERNAL MODULE: ./build/oci/platform-match.js + 1 modules
var platform_match = __webpack_require__(2831);
;// CONCATENATED MODULE: ./build/images/contents.js






const contents_NOTHING = { mediaType: '', held: [], missing: [] };
/** Indexes in indexes are allowed (image-spec v1.1, image-index.md), a maze is not. */
const DEEPEST = 4;
/** The manifests the target leads to, in their order; throws MANIFEST_INVALID. What the store does not hold is told as missing. */
async function contentsOf(store, target, depth = 0) {
    const bytes = await store.read(target.digest);
    if (!bytes)
        return { ...contents_NOTHING, missing: [target] };
    const content = (0,oci_manifest/* parseDocument */.Tp)({ mediaType: '', digest: target.digest, bytes }, target.digest);
    if (content.kind === 'manifest') {
        const held = await heldManifest(store, { ...target, mediaType: content.mediaType, size: bytes.byteLength }, content);
        return { mediaType: content.mediaType, held: [held], missing: [] };
    }
    if (depth >= DEEPEST)
        return contents_NOTHING;
    const children = await Promise.all(content.manifests.map((child) => contentsOf(store, child, depth + 1)));
    return {
        mediaType: content.mediaType,
        held: children.flatMap(({ held }) => held),
        missing: children.flatMap(({ missing }) => missing),
    };
}
async function heldManifest(store, given, manifest) {
    const descriptor = { ...given, data: undefined };
    const attestation = (0,platform_match/* isAttestation */.H3)(given);
    const isImage = !manifest.artifactType && (0,media_types/* isImageConfigType */.Ky)(manifest.config.mediaType);
    const bytes = isImage ? ((0,oci_manifest/* inlineData */.S0)(manifest.config) ?? (await store.read(manifest.config.digest))) : undefined;
    if (!bytes)
        return { descriptor, manifest, attestation };
    const { platform, diffIds } = (0,oci_config/* parseConfig */.o)(bytes, manifest.config.digest);
    const config = { ...parseImageConfig(bytes, manifest.config.digest), diffIds };
    return { descriptor: { ...descriptor, platform: given.platform ?? platform }, manifest, attestation, config };
}
/** The images among the manifests: no attestations, no artifacts. */
const imagesOf = ({ held }) => held.filter(({ attestation, config }) => !attestation && config !== undefined);
/** `linux/amd64`, or `-` where nobody says. */
const platformName = (platform) => (platform ? (0,oci_platform/* formatPlatform */.Bq)(platform) : '-');
/** The ids by which people know the image: of its target and of its configs. */
const idsOf = (target, contents) => [
    target,
    ...contents.held.flatMap(({ manifest, config }) => (config ? [manifest.config.digest] : [])),
];

// EXTERNAL MODULE: ./build/images/entries.js
var images_entries = __webpack_require__(4539);
;// CONCATENATED MODULE: ./build/images/shelf.js


/** Reads every name of the store, and each target once. */
async function readShelf(store, care) {
    const entries = (0,images_entries/* entriesOf */.M)(await care.list());
    const targets = [...new Set(entries.map(({ target }) => target))];
    const read = targets.map(async (digest) => {
        const size = entries.find(({ target }) => target === digest)?.blobs.get(digest) ?? 0;
        return [digest, await contentsOf(store, { mediaType: '', digest, size })];
    });
    const contents = new Map(await Promise.all(read));
    const images = entries.map((entry) => ({ ...entry, contents: contents.get(entry.target) ?? EMPTY }));
    const ids = (entry) => idsOf(entry.target, contents.get(entry.target) ?? EMPTY);
    return {
        images,
        find(text) {
            const found = new Set((0,images_entries/* findEntries */.I)(text, entries, ids).map(({ name }) => name));
            return images.filter(({ name }) => found.has(name));
        },
    };
}
const EMPTY = { mediaType: '', held: [], missing: [] };

;// CONCATENATED MODULE: ./build/cli/index-create.js








/** `index`: multi-platform tags out of images of the store. */
function indexCommand(say) {
    const index = new esm/* Command */.uB('index')
        .description('make multi-platform tags')
        .addHelpText('after', '\nExample:\n  pull-image index create org/app:1 org/app:1-amd64 org/app:1-arm64');
    index
        .command('create')
        .description('make one tag of several images of the store, one for each platform; prints its digest')
        .argument('<name>', 'the new name, such as ghcr.io/org/app:1')
        .argument('<image...>', 'names, name@digest, or ids; of an image of several platforms all that the store has')
        .option(...cli_options/* STORE */.er)
        .addHelpText('after', '\nExample:\n  pull-image index create org/app:1 org/app:1-amd64 org/app:1-arm64')
        .action(async (name, texts, options) => {
        const reference = newName(name);
        const { store, care } = await (0,open_store/* careOf */.N)(options.store);
        const shelf = await readShelf(store, care);
        const images = texts.map((text) => {
            const [image] = shelf.find(text);
            if (!image)
                throw new errors/* PullError */.YX('NOT_HELD', text, 'no such image in the store');
            return image;
        });
        const target = await composeIndex(store, images);
        await nameTarget(store, reference, target);
        say(`${(0,oci_reference/* familiarReference */.ZD)(reference)}@${target.digest}`);
    });
    return index;
}

;// CONCATENATED MODULE: ./build/cli/inspect.js










/** `inspect`: all that the store knows of images, as JSON. */
function inspectCommand(say) {
    return new esm/* Command */.uB('inspect')
        .description('show config, layers with both digests, history and sizes of images of the store, as JSON')
        .argument('<image...>', 'names, name@digest, or ids')
        .option('--platform <platform>', 'only this one of an image of several')
        .option(...cli_options/* STORE */.er)
        .addHelpText('after', '\nExample:\n  pull-image inspect redis:7 --platform linux/arm64')
        .action(async (texts, options) => {
        const { store, care } = await (0,open_store/* careOf */.N)(options.store);
        const shelf = await readShelf(store, care);
        const images = texts.map((text) => describe(text, shelf.find(text), shelf.images, options.platform));
        for (const line of (0,clean/* cleanJson */.We)(JSON.stringify(images, null, 2)).split('\n'))
            say(line);
    });
}
function describe(text, found, all, wanted) {
    const [image] = found;
    if (!image)
        throw new errors/* PullError */.YX('NOT_HELD', text, 'no such image in the store');
    const { contents, target, bytes } = image;
    const names = all.filter((other) => other.target === target);
    const held = wanted === undefined ? contents.held : contents.held.filter((each) => isWanted(each, wanted));
    if (held.length === 0 && wanted !== undefined)
        throw new errors/* PullError */.YX('PLATFORM_NOT_FOUND', image.name, `${wanted} is not in the store`, {
            hint: `The store has ${contents.held.map(({ descriptor }) => platformName(descriptor.platform)).join(', ')}.`,
        });
    return {
        Id: target,
        RepoTags: names.filter(({ reference }) => reference.tag !== undefined).map(({ name }) => name),
        RepoDigests: [...new Set(names.map(({ reference }) => `${(0,oci_reference/* familiarName */.hG)(reference)}@${target}`))],
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
const isWanted = ({ descriptor, attestation }, wanted) => !attestation && descriptor.platform !== undefined && (0,platform_match/* matchesStrict */.V9)((0,oci_platform/* parsePlatform */.Y8)(wanted), descriptor.platform);
function describeManifest({ descriptor, manifest, attestation, config }) {
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

;// CONCATENATED MODULE: ./build/oci/docker-archive.js



const docker_archive_text = dist/* string */.YjP();
const docker_archive_schema = dist/* array */.YOg(dist/* object */.Ikc({ Config: docker_archive_text, RepoTags: dist/* nullish */.cl6(dist/* array */.YOg(docker_archive_text), []), Layers: dist/* nullish */.cl6(dist/* array */.YOg(docker_archive_text), []) }));
/** The content of `manifest.json`; throws INPUT_INVALID if it is not a list of images. */
function parseArchiveManifest(bytes, subject) {
    try {
        const images = dist/* parse */.qgA(docker_archive_schema, JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
        return images.map(({ Config, RepoTags, Layers }) => ({
            config: Config,
            names: RepoTags ?? [],
            layers: Layers ?? [],
        }));
    }
    catch (cause) {
        const reason = `manifest.json is not what docker save writes: ${(0,clean/* clean */.uH)(cause.message, 200)}`;
        throw new errors/* PullError */.YX('INPUT_INVALID', subject, reason, { cause });
    }
}

;// CONCATENATED MODULE: ./build/archives/load-archive.js












/**
 * Brings the images of an archive into the store, gzip and zstd included: OCI layouts (`ctr images export`, `docker save` from 25 on, `skopeo`, `podman save`) and what
 * `docker save` wrote before. Every byte is proved by a digest before anything is given a name. Throws INPUT_INVALID, DIGEST_MISMATCH, and what the store throws.
 */
async function loadArchive(chunks, store, subject) {
    const staging = external_node_path_.join(store.root, 'staging');
    await (0,promises_.mkdir)(staging, { recursive: true });
    const folder = await (0,promises_.mkdtemp)(external_node_path_.join(staging, 'load-'));
    try {
        const members = await takeApart(decompressed(chunks, subject), store, folder, subject);
        const images = await load_archive_imagesOf(members, store, subject);
        if (images.length === 0)
            throw new errors/* PullError */.YX('INPUT_INVALID', subject, 'holds no image', {
                hint: 'Give an archive of docker save, podman save, skopeo copy, ctr images export or pull-image save.',
            });
        const sizes = [...members.blobs.values(), ...[...members.aside.values()].map(({ size }) => size)];
        const bytes = sizes.reduce((sum, size) => sum + size, 0);
        return { images, blobs: sizes.length, bytes, known: members.known };
    }
    finally {
        await (0,promises_.rm)(folder, { recursive: true, force: true });
    }
}
async function load_archive_imagesOf(members, store, subject) {
    const { documents } = members;
    const listed = documents.get('manifest.json');
    const archived = listed ? parseArchiveManifest(listed, subject) : [];
    const index = documents.get('index.json');
    if (!index) {
        const made = [];
        for (const image of archived)
            made.push({ target: await adoptImage(image, members, store, subject), names: references(image.names) });
        return made;
    }
    const content = (0,oci_manifest/* parseDocument */.Tp)({ mediaType: '', digest: (0,oci_digest/* digestOf */.ol)(index), bytes: index }, `${subject}, index.json`);
    if (content.kind !== 'index')
        throw new errors/* PullError */.YX('INPUT_INVALID', subject, 'index.json is no index');
    const byTarget = new Map();
    for (const target of content.manifests) {
        const known = byTarget.get(target.digest);
        byTarget.set(target.digest, {
            target: known?.target ?? target,
            names: [...(known?.names ?? []), ...load_archive_nameOf(target)],
        });
    }
    return Promise.all([...byTarget.values()].map((brought) => withDockerNames(brought, archived, store)));
}
/** The name of an entry: containerd's is whole; the one of OCI may be a tag alone, which names nothing. */
function load_archive_nameOf({ annotations = {} }) {
    const name = annotations[layout/* CONTAINERD_NAME */.M8] ?? annotations[layout/* REF_NAME */.w5];
    return name !== undefined && /[:/]/.test(name) ? references([name]) : [];
}
/** Names out of `manifest.json`, for an entry of `index.json` that has none: their configs are one. */
async function withDockerNames({ target, names }, archived, store) {
    if (names.length > 0 || archived.length === 0)
        return { target, names };
    const configs = await configsOf(store, target);
    const found = archived.filter(({ config }) => configs.some((digest) => config.includes(digest.slice(7))));
    return { target, names: references(found.flatMap((image) => image.names)) };
}
async function configsOf(store, { digest }, depth = 0) {
    const bytes = await store.read(digest);
    if (!bytes)
        return [];
    const content = (0,oci_manifest/* parseDocument */.Tp)({ mediaType: '', digest, bytes }, digest);
    if (content.kind === 'manifest')
        return [content.config.digest];
    if (depth > 2)
        return [];
    return (await Promise.all(content.manifests.map((child) => configsOf(store, child, depth + 1)))).flat();
}
/** What is no reference is no name. */
function references(names) {
    const read = names.map((name) => {
        try {
            return (0,oci_reference/* withDefaultTag */._t)((0,oci_reference/* parseReference */.F2)((0,clean/* clean */.uH)(name, 1000)));
        }
        catch (error) {
            if (error instanceof errors/* PullError */.YX)
                return undefined;
            throw error;
        }
    });
    return read.filter((reference) => reference !== undefined);
}

;// CONCATENATED MODULE: ./build/cli/load.js











/** `load`: the images of an archive into the store, every byte proved. */
function loadCommand(say, stdin, signal) {
    return new esm/* Command */.uB('load')
        .description('bring the images of an archive (docker save, podman save, skopeo, ctr images export) into the store')
        .option('-i, --input <file>', 'the archive, perhaps compressed by gzip or zstd (default: standard input)')
        .option('-t, --tag <name>', 'the name of an image that has none in the archive')
        .option('-q, --quiet', 'print only the names')
        .option(...cli_options/* STORE */.er)
        .addHelpText('after', '\nExample:\n  docker save redis:7 | pull-image load')
        .action((options) => load(options, say, stdin, signal));
}
async function load(options, say, stdin, signal) {
    const tag = options.tag === undefined ? undefined : newName(options.tag);
    const subject = options.input ?? 'standard input';
    const input = openInput(options.input, { from: 'docker save redis:7', into: 'pull-image load' }, stdin, signal);
    const { store } = await (0,open_store/* openOrMake */.Q)(options.store);
    const { images, blobs, bytes, known } = await loadArchive(input, store, (0,clean/* clean */.uH)(subject, 300));
    const complete = await Promise.all(images.map((image) => checked(image, tag, store, (0,clean/* clean */.uH)(subject, 300))));
    for (const { names, platforms, target } of complete) {
        for (const name of names) {
            await nameTarget(store, name, target);
            say(`Loaded image: ${(0,oci_reference/* familiarReference */.ZD)(name)}`);
        }
        if (!options.quiet)
            say(`Digest: ${target.digest} (${platforms.join(', ')})`);
    }
    if (!options.quiet)
        say(`${(0,format/* count */.U9)(blobs, 'blob')}, ${(0,format/* formatBytes */.z3)(bytes)}, all verified; ${known} were in the store already`);
}
/** An image to be named, once it is known that every blob of at least one of its platforms is here. */
async function checked({ target, names }, tag, store, subject) {
    const contents = await contentsOf(store, target);
    const whole = [];
    let lacking;
    for (const { manifest, descriptor, config, attestation } of contents.held) {
        const absent = [];
        for (const blob of [manifest.config, ...manifest.layers])
            if (!blob.urls?.length && !(await store.has(blob)))
                absent.push(blob.digest);
        if (absent.length > 0)
            lacking ??= absent[0];
        else if (!attestation && (config || imagesOf(contents).length === 0))
            whole.push(platformName(descriptor.platform));
    }
    if (whole.length === 0)
        throw new errors/* PullError */.YX('BLOB_UNKNOWN', subject, `the archive lacks ${lacking ?? target.digest}`, {
            hint: 'Save the image again: the archive is not complete.',
        });
    const all = names.length > 0 ? names : tag ? [tag] : [];
    if (all.length === 0)
        throw new errors/* PullError */.YX('INPUT_INVALID', subject, `the archive has no name for ${target.digest}`, {
            hint: 'Give it one with --tag NAME.',
        });
    const distinct = [...new Map(all.map((name) => [(0,oci_reference/* canonicalReference */.Ys)(name), name])).values()];
    const mediaType = contents.mediaType || target.mediaType;
    return { target: { ...target, mediaType }, names: distinct, platforms: whole };
}

// EXTERNAL MODULE: external "node:stream/consumers"
var consumers_ = __webpack_require__(8321);
// EXTERNAL MODULE: ./build/registry/client.js + 20 modules
var registry_client = __webpack_require__(9558);
// EXTERNAL MODULE: ./build/registry/transport/transport.js
var transport = __webpack_require__(5069);
;// CONCATENATED MODULE: ./build/registry/upload-session.js


const ANSWER_LIMIT = 64 * 1024;
/** A question about one blob. */
function aboutBlob(remote, { digest }, at) {
    return { kind: 'blob', at, target: `${remote.name}@${digest}`, limit: ANSWER_LIMIT };
}
/** True if the repository has the blob (distribution-spec v1.1, "Checking if content exists in the registry"): one HEAD. */
async function hasBlob(remote, blob) {
    const answer = await remote.ask({ ...aboutBlob(remote, blob, `blobs/${blob.digest}`), method: 'HEAD' });
    await answer.discard();
    if (answer.status === 200)
        return true;
    // A login without the right to read may have that to write; a name that nobody pushed to yet may look forbidden.
    if ([404, 401, 403, 405].includes(answer.status))
        return false;
    throw await answer.failure();
}
/** Begins an upload (distribution-spec v1.1, "Obtaining a session ID"). */
async function begin(remote, blob) {
    const answer = await remote.ask({ ...aboutBlob(remote, blob, 'blobs/uploads/'), method: 'POST' });
    if (answer.status !== 202)
        throw await answer.failure();
    return await sessionOf(remote, answer, 0);
}
/**
 * Has the registry take the blob from another of its repositories ("Mounting a blob from another repository"). The session that it begins instead where it
 * does not; undefined for any failure, since the bytes can still be sent.
 */
async function mount(remote, blob, from) {
    const query = new URLSearchParams({ mount: blob.digest, from: from.path });
    try {
        const at = `blobs/uploads/?${query}`;
        const answer = await remote.askOnce({ ...aboutBlob(remote, blob, at), method: 'POST' });
        if (answer.status === 202)
            return await sessionOf(remote, answer, 0);
        await answer.discard();
        return answer.status === 201 ? 'mounted' : undefined;
    }
    catch (error) {
        if (!(error instanceof errors/* PullError */.YX) || (0,errors/* isCancelled */.mm)(error))
            throw error;
        return undefined;
    }
}
/** Where an upload stands after an answer, which may name a new place for what comes next. */
async function sessionOf(remote, answer, offset, known) {
    const { headers, url } = answer;
    await answer.discard();
    const named = (0,transport/* header */.wx)(headers, 'location');
    const location = named !== undefined && URL.canParse(named, url.href) ? new URL(named, url) : known?.location;
    if (location === undefined) {
        const found = named === undefined ? 'none' : 'one that is no URL';
        const reason = `${url.host} began an upload: expected a Location for what comes next, found ${found}`;
        throw new errors/* PullError */.YX('REGISTRY_ANSWER', remote.name, reason);
    }
    const least = Number((0,transport/* header */.wx)(headers, 'oci-chunk-min-length'));
    return { location, offset, leastChunk: Number.isSafeInteger(least) && least > 0 ? least : (known?.leastChunk ?? 0) };
}
/** How many bytes the registry says it has, by `Range: 0-<last>`; undefined if it does not say. */
function bytesHeld(answer) {
    const last = /^(?:bytes=)?0-(\d+)$/.exec((0,transport/* header */.wx)(answer.headers, 'range')?.trim() ?? '')?.[1];
    if (last === undefined)
        return undefined;
    // `0-0` is what registries write for nothing at all, and would also be one byte: to have nothing is the safe reading.
    return last === '0' ? 0 : Number(last) + 1;
}

;// CONCATENATED MODULE: ./build/registry/check-login.js


/**
 * Whether a registry lets somebody in (`GET /v2/`, with a token where it wants one): `open` if it asks nobody who he is, so that nothing was proved. Throws UNAUTHORIZED, or
 * what keeps the registry from being asked.
 */
async function checkLogin({ registry, username, password }, options) {
    const repository = { domain: registry, path: '' };
    const ask = async (logins) => {
        const client = (0,registry_client/* createClient */.U)({ ...options, logins });
        try {
            const remote = client.open(repository, { name: registry, push: logins.length > 0, scope: '' });
            const at = new URL('/v2/', await client.network.locate(registry, registry));
            const answer = await remote.ask({ kind: 'login', at, target: registry, limit: ANSWER_LIMIT });
            if (answer.status === 200)
                return await answer.discard();
            throw await answer.failure();
        }
        finally {
            await client.network.close();
        }
    };
    await ask([{ registry, username, password }]);
    return ask([]).then(() => 'open', () => 'good');
}

// EXTERNAL MODULE: ./build/registry/credential-helper.js + 1 modules
var credential_helper = __webpack_require__(4782);
// EXTERNAL MODULE: ./build/registry/credentials.js
var credentials = __webpack_require__(5760);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
// EXTERNAL MODULE: ./build/registry/docker-config.js
var docker_config = __webpack_require__(9275);
;// CONCATENATED MODULE: ./build/registry/login-file.js







/** Docker's `config.json`: in `$DOCKER_CONFIG`, else in `~/.docker`. */
function loginFile(environment) {
    return (0,external_node_path_.join)(environment.DOCKER_CONFIG || (0,external_node_path_.join)(environment.HOME || (0,external_node_os_.homedir)(), '.docker'), 'config.json');
}
/**
 * Keeps a login as Docker does: with the program that the file names for this registry or for all, or where it says nothing of logins with that of the system,
 * which it names from then on; else in the file, readable by its owner alone. Everything else in the file stays. Throws INPUT_INVALID if the file is not one of Docker's or the program fails; then nothing was changed.
 */
async function saveLogin(path, domain, login, helpers) {
    const opened = await login_file_open(path);
    const server = (0,credentials/* serverKey */.Pd)(domain);
    const standard = namesAny(opened.config) ? undefined : await helpers.standard();
    const helper = helperOf(opened.config, server) || standard;
    if (helper)
        await helpers.store(helper, server, login);
    const auth = Buffer.from(`${login.username}:${login.password}`, 'utf8').toString('base64');
    // Docker leaves an empty entry for what a program keeps, so that others see there is a login.
    const json = standard ? { ...opened.json, credsStore: standard } : opened.json;
    await write({ ...opened, json }, { ...authsOf(json), [server]: helper ? {} : { auth } });
    return { file: opened.file, helper };
}
/** Forgets a login, wherever it is kept; false if there was none. Throws INPUT_INVALID as `saveLogin` does. */
async function dropLogin(path, domain, helpers) {
    const opened = await login_file_open(path);
    const server = (0,credentials/* serverKey */.Pd)(domain);
    const helper = helperOf(opened.config, server);
    const erased = helper ? await helpers.erase(helper, server) : false;
    const auths = authsOf(opened.json);
    const keys = Object.keys(auths).filter((key) => key === server || (0,credentials/* hostOf */.w4)(key) === (0,credentials/* hostOf */.w4)(server));
    if (keys.length === 0)
        return erased;
    await write(opened, Object.fromEntries(Object.entries(auths).filter(([key]) => !keys.includes(key))));
    return true;
}
const helperOf = ({ credHelpers, credsStore }, server) => (Object.hasOwn(credHelpers, server) ? credHelpers[server] : undefined) || credsStore;
/** True if the file says anything of logins. */
const namesAny = ({ auths, credHelpers, credsStore }) => Boolean(credsStore) || Object.keys(credHelpers).length > 0 || Object.keys(auths).length > 0;
const authsOf = ({ auths }) => (auths ?? {});
async function login_file_open(path) {
    // Some have it linked to elsewhere; the link is to stay.
    const file = await (0,promises_.realpath)(path).catch(() => path);
    const text = await (0,promises_.readFile)(file, 'utf8').catch((error) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR')
            return '';
        throw unusable(file, 'read', error);
    });
    const config = (0,docker_config/* parseDockerConfig */.Cj)(text, file);
    return { file, config, json: text.trim() === '' ? {} : JSON.parse(text) };
}
/** Beside it first, then renamed: whoever reads at the same time sees the old file or the new one. */
async function write({ file, json }, auths) {
    const fresh = `${file}.${(0,external_node_crypto_.randomUUID)()}`;
    try {
        await (0,promises_.mkdir)((0,external_node_path_.dirname)(file), { recursive: true, mode: 0o700 });
        await (0,promises_.writeFile)(fresh, asDocker({ ...json, auths }), { mode: 0o600, flag: 'wx' });
        await (0,promises_.rename)(fresh, file);
    }
    catch (error) {
        await (0,promises_.rm)(fresh, { force: true }).catch(() => { });
        throw unusable(file, 'written', error);
    }
}
/** As Docker writes it, byte for byte: tabs, logins first and in the order of their keys, and what means something in HTML escaped. */
function asDocker({ auths, ...others }) {
    const sorted = Object.entries(auths).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const text = JSON.stringify({ auths: Object.fromEntries(sorted), ...others }, null, '\t');
    return text.replace(/[<>&\u2028\u2029]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
function unusable(file, what, { code, message }) {
    return new errors/* PullError */.YX('INPUT_INVALID', file, `it cannot be ${what} (${code ?? message})`);
}

// EXTERNAL MODULE: ./build/registry/registry-error.js + 1 modules
var registry_error = __webpack_require__(5002);
// EXTERNAL MODULE: ./build/registry/transport/body.js
var body = __webpack_require__(5430);
// EXTERNAL MODULE: ./build/registry/transport/redirect.js
var redirect = __webpack_require__(9290);
// EXTERNAL MODULE: ./build/registry/transport/retry.js
var retry = __webpack_require__(2714);
;// CONCATENATED MODULE: ./build/registry/search.js









/** The only index that is still there; Docker asks it too. */
const HUB_INDEX = 'https://index.docker.io/';
const MAX_ANSWER = 4 * 1024 * 1024;
/**
 * What Docker Hub finds, in its order, at most `limit` before the filters, as with `docker search`. Throws UNREACHABLE or UNAVAILABLE if it cannot be asked, REGISTRY_ANSWER if
 * what it says is no list.
 */
async function searchIndex(search, options) {
    const { term, limit, isOfficial, stars = 0, index } = search;
    const { network, retries } = (0,registry_client/* createClient */.U)(options);
    const base = index ?? new URL(HUB_INDEX);
    const url = new URL('v1/search', base.href.endsWith('/') ? base : `${base.href}/`);
    url.searchParams.set('q', term);
    url.searchParams.set('n', String(limit));
    const name = index ? base.host : 'Docker Hub';
    const purpose = {
        kind: 'search',
        domain: base.host,
        repository: name,
        target: `search ${(0,clean/* clean */.uH)(term, 100)}`,
    };
    const request = {
        method: 'GET',
        url,
        headers: { accept: 'application/json' },
        purpose,
        limit: MAX_ANSWER,
    };
    try {
        const answer = await (0,transport/* compose */.Zz)((0,retry/* retry */.L5)(retries), (0,redirect/* redirect */.V)())(network.send)(request);
        if (answer.status !== 200)
            throw await (0,registry_error/* failureOf */.g5)(answer, request, retries.now());
        const { bytes } = await (0,body/* takeBytes */.t)(answer.body, MAX_ANSWER);
        return readResults(new TextDecoder().decode(bytes), name)
            .slice(0, limit)
            .filter((found) => (isOfficial === undefined || found.isOfficial === isOfficial) && found.stars >= stars);
    }
    catch (error) {
        if (!(error instanceof errors/* PullError */.YX) || error.code !== 'UNREACHABLE')
            throw error;
        const hint = `Only ${name} can be searched, and not without a connection to ${base.host}; behind a proxy set HTTPS_PROXY.`;
        throw new errors/* PullError */.YX('UNREACHABLE', error.subject, error.reason, { hint, cause: error });
    }
    finally {
        await network.close();
    }
}
function readResults(text, name) {
    const { results } = (0,records/* asRecord */.qY)((0,records/* parseJson */.qF)(text));
    if (!Array.isArray(results))
        throw new errors/* PullError */.YX('REGISTRY_ANSWER', name, `expected a list of results, found ${JSON.stringify((0,clean/* clean */.uH)(text, 100))}`);
    return results.flatMap((result) => {
        const { name: found, description, star_count: stars, is_official: isOfficial } = result ?? {};
        if (typeof found !== 'string')
            return [];
        const words = typeof description === 'string' ? (0,clean/* clean */.uH)(description, 1000) : '';
        return { name: (0,clean/* clean */.uH)(found, 300), description: words, stars: Number(stars) || 0, isOfficial: isOfficial === true };
    });
}

;// CONCATENATED MODULE: ./build/wire/login.js






/** Asks the registry about the login, and only then keeps it where Docker would. */
async function loginAt(login, insecureRegistries, environment, signal, say) {
    const registry = (0,credentials/* loginDomain */.IO)(login.registry);
    const options = { userAgent: wire/* USER_AGENT */._O, signal, environment, insecureRegistries, report: remarks(say) };
    const checked = await checkLogin({ ...login, registry }, options);
    const helpers = (0,credential_helper/* createKeepHelper */.m)({ environment, signal });
    return { checked, kept: await saveLogin(loginFile(environment), registry, login, helpers) };
}
/** Forgets the login of a registry; `server` is what Docker calls it. */
async function logoutAt(registry, environment, signal) {
    const domain = (0,credentials/* loginDomain */.IO)(registry);
    const dropped = await dropLogin(loginFile(environment), domain, (0,credential_helper/* createKeepHelper */.m)({ environment, signal }));
    return { server: (0,credentials/* serverKey */.Pd)(domain), dropped };
}
/** What Docker Hub finds. */
function searchHub(search, environment, signal, say) {
    return searchIndex(search, { userAgent: wire/* USER_AGENT */._O, signal, environment, report: remarks(say) });
}
const remarks = (say) => (event) => {
    if (event.type === 'warning')
        say(`warning: ${event.message}`);
    if (event.type === 'retry')
        say(`Retrying ${event.subject}: ${event.reason}`);
};

;// CONCATENATED MODULE: ./build/cli/login.js





/** Adds `login` and `logout` to the commands. */
function addLogin(root, signal, stdin, say, remark) {
    root
        .command('login')
        .description('log in to a registry, Docker Hub by default; checked there before anything is kept')
        .argument('[registry]', 'such as ghcr.io or registry.example:5000', 'docker.io')
        .option('-u, --username <name>', 'the user name')
        .option(cli_options/* PASSWORD_STDIN */.D3, 'take the password or token from standard input, the only way it is taken')
        .addOption((0,cli_options/* insecureRegistries */.GW)())
        .addHelpText('after', '\nExample:\n  pull-image login ghcr.io -u octocat --password-stdin < token.txt')
        .action((registry, options) => loginCommand(registry, options, signal, stdin, say, remark));
    root
        .command('logout')
        .description('forget the login of a registry, Docker Hub by default')
        .argument('[registry]', 'such as ghcr.io or registry.example:5000', 'docker.io')
        .addHelpText('after', '\nExample:\n  pull-image logout ghcr.io')
        .action((registry) => logoutCommand(registry, signal, say));
}
/** `login`: asks the registry, then keeps the login where Docker would. Throws INPUT_INVALID for what is missing, and what the registry says. */
async function loginCommand(registry, { username = '', passwordStdin = false, insecureRegistry }, signal, stdin, say, remark) {
    const example = `pull-image login ${(0,clean/* clean */.uH)(registry, 100)} -u NAME --password-stdin < token.txt`;
    const missing = (what) => new errors/* PullError */.YX('INPUT_INVALID', 'login', `${what} is missing`, { hint: `Write ${example}.` });
    if (username === '')
        throw missing('--username');
    if (!passwordStdin)
        throw missing('--password-stdin');
    // Docker drops the line break that echo leaves, and nothing else.
    const password = (await (0,consumers_.text)(stdin)).replace(/\r?\n$/, '');
    if (password === '')
        throw new errors/* PullError */.YX('INPUT_INVALID', 'login', 'standard input holds no password', { hint: `Write ${example}.` });
    const { checked, kept } = await loginAt({ registry, username, password }, insecureRegistry, process.env, signal, remark);
    if (checked === 'open')
        remark(`warning: ${(0,clean/* clean */.uH)(registry, 300)} asks nobody for a login, so this one could not be checked`);
    if (kept.helper === undefined)
        remark(`warning: the login is kept unencrypted in ${kept.file}; name a credsStore there to change that`);
    say('Login Succeeded');
}
/** `logout`: forgets the login wherever Docker would keep it. */
async function logoutCommand(registry, signal, say) {
    const { server, dropped } = await logoutAt(registry, process.env, signal);
    say(dropped ? `Removing login credentials for ${(0,clean/* clean */.uH)(server, 300)}` : `Not logged in to ${(0,clean/* clean */.uH)(server, 300)}`);
}

;// CONCATENATED MODULE: ./build/images/filters.js




const KEYS = ['dangling', 'before', 'since', 'label', 'reference'];
const EXPECTED = 'dangling=true|false, before=IMAGE, since=IMAGE, label=KEY[=VALUE] or reference=PATTERN';
/**
 * The images that all filters let through, read as `docker images` reads them: several labels must all be there, of several patterns one must match. `before` and
 * `since` go by the time the image was made. Throws INPUT_INVALID for a filter that is none, and what `Shelf.find` throws.
 */
function filterImages(shelf, filters) {
    const wanted = filters.map(readFilter);
    const patterns = wanted.filter(([key]) => key === 'reference').map(([, value]) => globOf(value));
    const tests = wanted.filter(([key]) => key !== 'reference').map(([key, value]) => filters_testOf(key, value, shelf));
    return shelf.images.filter((image) => tests.every((test) => test(image)) &&
        (patterns.length === 0 ||
            patterns.some((pattern) => pattern.test((0,oci_reference/* familiarName */.hG)(image.reference)) || pattern.test(image.name))));
}
function readFilter(text) {
    const at = text.indexOf('=');
    const key = KEYS.find((each) => each === text.slice(0, at));
    const value = text.slice(at + 1);
    if (!key || value === '' || (key === 'dangling' && !/^(true|false|1|0)$/.test(value)))
        throw new errors/* PullError */.YX('INPUT_INVALID', '--filter', `expected ${EXPECTED}, found ${JSON.stringify((0,clean/* clean */.uH)(text, 200))}`);
    return [key, value];
}
function filters_testOf(key, value, shelf) {
    if (key === 'dangling')
        return (image) => isDangling(image) === /^(true|1)$/.test(value);
    if (key === 'label')
        return (image) => hasLabel(image, value);
    const limit = createdAt(shelf.find(value)[0]) ?? 0;
    return (image) => {
        const at = createdAt(image);
        return at !== undefined && (key === 'before' ? at < limit : at > limit);
    };
}
/** An image that no tag leads to. */
const isDangling = ({ reference, part }) => reference.tag === undefined && !part;
/** When the first of its platforms was made, milliseconds since the epoch. */
function createdAt(image) {
    const created = image && imagesOf(image.contents)[0]?.config?.created;
    return created === undefined ? undefined : Date.parse(created);
}
function hasLabel(image, label) {
    const [, key = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(label) ?? [];
    return imagesOf(image.contents).some(({ config }) => {
        const found = Object.hasOwn(config?.labels ?? {}, key) ? config?.labels[key] : undefined;
        return found !== undefined && (value === undefined || found === value);
    });
}
const PIECE = /\\(.)|\[(\^?)((?:\\.|[^\]\\])+)\]|\*|\?|./gsu;
/** A pattern as Go's path.Match has it: `*`, `?` and `[a-z]`, none of which is a slash, and `\` before what is to stand for itself. */
function globOf(pattern) {
    const source = pattern.replace(PIECE, (piece, escaped, not = '', range) => {
        if (piece === '*')
            return '[^/]*';
        if (piece === '?')
            return '[^/]';
        if (range !== undefined)
            return `(?!/)[${not}${range.replace(/\\?([^-])/gu, (_, letter) => literal(letter))}]`;
        // What opens or escapes nothing makes no expression either, and is refused below.
        return piece === '[' || piece === '\\' ? '(' : literal(escaped ?? piece);
    });
    try {
        return new RegExp(`^${source}$`, 'u');
    }
    catch {
        const found = JSON.stringify((0,clean/* clean */.uH)(pattern, 200));
        throw new errors/* PullError */.YX('INPUT_INVALID', '--filter', `reference: expected a pattern such as ghcr.io/org/*, found ${found}`);
    }
}
const literal = (text) => `\\u{${(text.codePointAt(0) ?? 0).toString(16)}}`;

// EXTERNAL MODULE: ./build/cli/columns.js
var columns = __webpack_require__(1954);
;// CONCATENATED MODULE: ./build/cli/ls.js











/** `ls`: the images of the store, the last used first. */
function lsCommand(say) {
    return new esm/* Command */.uB('ls')
        .description('list the images of the store, the last used first')
        .option('-a, --all', 'also the platforms of images, which have names of their own')
        .option('--digests', 'show digests')
        .addOption((0,cli_options/* several */.J$)('-f, --filter <filter>', 'dangling=true, before=IMAGE, since=IMAGE, label=KEY[=VALUE], reference=PATTERN'))
        .addOption(new esm/* Option */.c$('--format <format>', 'json is a line for each image').choices(['table', 'json']).default('table'))
        .option('--no-trunc', 'show whole ids')
        .option('-q, --quiet', 'only ids')
        .option(...cli_options/* STORE */.er)
        .addHelpText('after', '\nExample:\n  pull-image ls --digests --filter "reference=ghcr.io/org/*"')
        .action(async (options) => {
        for (const line of await listed(options, Date.now()))
            say(line);
    });
}
async function listed(options, now) {
    const { store, care } = await (0,open_store/* careOf */.N)(options.store);
    const found = filterImages(await readShelf(store, care), options.filter);
    const images = found.filter(({ part }) => options.all || !part);
    const id = ({ target }) => (options.trunc ? (0,oci_digest/* shortDigest */.VK)(target) : target);
    if (options.quiet)
        return [...new Set(images.map(id))];
    if (options.format === 'json')
        return images.map((image) => (0,clean/* cleanJson */.We)(JSON.stringify(described(image, images))));
    const rows = images.map((image) => [
        (0,clean/* clean */.uH)((0,oci_reference/* familiarName */.hG)(image.reference)),
        (0,clean/* clean */.uH)(image.reference.tag ?? '<none>'),
        ...(options.digests ? [image.target] : []),
        id(image),
        platformsOf(image, 2),
        ageOf(image, now),
        (0,format/* formatBytes */.z3)(image.bytes),
    ]);
    const head = ['REPOSITORY', 'TAG', ...(options.digests ? ['DIGEST'] : []), 'IMAGE ID', 'PLATFORM', 'CREATED', 'SIZE'];
    return [...(0,columns/* columns */.Y)([head, ...rows]), total(images.filter(({ part }) => !part))];
}
function platformsOf({ contents }, shown) {
    const names = imagesOf(contents).map(({ descriptor }) => (0,clean/* clean */.uH)(platformName(descriptor.platform), 60));
    if (names.length === 0)
        return '-';
    const more = names.length - shown;
    return names.slice(0, shown).join(',') + (more > 0 ? ` and ${more} more` : '');
}
function ageOf(image, now) {
    const at = createdAt(image);
    return at === undefined ? 'N/A' : `${(0,format/* formatAge */.nV)(now - at)} ago`;
}
/** What all of them take together: a blob of several is there once. */
function total(images) {
    const blobs = new Map(images.flatMap((image) => [...image.blobs]));
    const targets = new Map(images.map((image) => [image.target, image.bytes]));
    const bytes = sum([...blobs.values()]);
    const shared = sum([...targets.values()]) - bytes;
    const saved = shared > 0 ? `; ${(0,format/* formatBytes */.z3)(shared)} saved by what they share` : '';
    return `${(0,format/* count */.U9)(targets.size, 'image')} in the store, ${(0,format/* formatBytes */.z3)(bytes)}${saved}`;
}
function described(image, images) {
    const others = images.filter(({ target }) => target !== image.target);
    const shared = [...image.blobs].filter(([digest]) => others.some(({ blobs }) => blobs.has(digest)));
    const sharedSize = sum(shared.map(([, size]) => size));
    const created = imagesOf(image.contents)[0]?.config?.created;
    return {
        Repository: (0,oci_reference/* familiarName */.hG)(image.reference),
        Tag: image.reference.tag ?? '<none>',
        Digest: image.target,
        ID: image.target,
        Platforms: imagesOf(image.contents).map(({ descriptor }) => platformName(descriptor.platform)),
        CreatedAt: created === undefined ? 'N/A' : (0,clean/* clean */.uH)(created),
        Size: image.bytes,
        SharedSize: sharedSize,
        UniqueSize: image.bytes - sharedSize,
    };
}
const sum = (numbers) => numbers.reduce((all, number) => all + number, 0);

;// CONCATENATED MODULE: ./build/images/remote.js







const MAX_CONFIG = 4 * 1024 * 1024;
/** What the reference points to, and each manifest its index lists; asks for one manifest a platform, and for no layer. Throws what `Registry` throws. */
async function readRemote(registry, reference) {
    const { digest, tag = 'latest' } = reference;
    const resolved = digest ? { digest } : await registry.resolve(reference, tag);
    const known = 'document' in resolved ? resolved.document : undefined;
    const top = await remote_read(registry, reference, resolved.digest, known);
    const { digest: own, bytes } = top.document;
    const target = { mediaType: top.content.mediaType, digest: own, size: bytes.byteLength };
    if (top.content.kind === 'manifest') {
        const platform = await statedPlatform(registry, reference, top.content);
        return { document: top.document, manifests: [summary({ ...target, platform }, top.content)] };
    }
    const children = top.content.manifests.filter(({ mediaType }) => (0,media_types/* isManifestType */.Q3)(mediaType) || (0,media_types/* isIndexType */.$U)(mediaType));
    const manifests = children.map(async (child) => {
        const { content } = await remote_read(registry, reference, child.digest);
        return content.kind === 'manifest' ? summary(child, content) : nested(child, content);
    });
    return { document: top.document, manifests: await Promise.all(manifests) };
}
async function remote_read(registry, reference, digest, known) {
    const document = known ?? (await registry.manifest(reference, digest));
    const content = (0,oci_manifest/* parseDocument */.Tp)(document, `${(0,oci_reference/* familiarName */.hG)(reference)}@${digest}`);
    return { document: { ...document, mediaType: content.mediaType }, content };
}
/** The platform of an image that stands in no index: its config alone says it. */
async function statedPlatform(registry, reference, { config, artifactType }) {
    if (artifactType || !(0,media_types/* isImageConfigType */.Ky)(config.mediaType) || config.size > MAX_CONFIG)
        return undefined;
    const bytes = Buffer.alloc(config.size);
    let next = 0;
    for await (const chunk of registry.blob(reference, config)) {
        // Nothing here keeps a file that somebody else could fill.
        if ('offer' in chunk || 'landed' in chunk)
            continue;
        const { position, bytes: part } = 'position' in chunk ? chunk : { position: next, bytes: chunk };
        next = position + part.byteLength;
        // What is longer than promised cannot be what the digest says.
        if (next > config.size)
            break;
        bytes.set(part, position);
    }
    if ((0,oci_digest/* digestOf */.ol)(bytes, (0,oci_digest/* algorithmOf */.Hy)(config.digest)) !== config.digest)
        throw new errors/* PullError */.YX('DIGEST_MISMATCH', (0,oci_reference/* familiarName */.hG)(reference), `config is not ${config.digest}`);
    return (0,oci_config/* parseConfig */.o)(bytes, config.digest).platform;
}
function summary(descriptor, { config, layers, artifactType }) {
    const attested = descriptor.annotations?.['vnd.docker.reference.digest'];
    return {
        descriptor,
        platform: descriptor.platform,
        layers: layers.length,
        bytes: layers.reduce((sum, { size }) => sum + size, config.size),
        artifactType,
        attests: (0,platform_match/* isAttestation */.H3)(descriptor) ? attested : undefined,
        attestation: (0,platform_match/* isAttestation */.H3)(descriptor),
    };
}
/** An index within the index counts as it stands there. */
const nested = (descriptor, { manifests }) => ({
    descriptor,
    platform: descriptor.platform,
    layers: 0,
    bytes: manifests.reduce((sum, { size }) => sum + size, 0),
    attestation: (0,platform_match/* isAttestation */.H3)(descriptor),
});

;// CONCATENATED MODULE: ./build/cli/manifest.js













/** `manifest`: what registries say of images, without pulling them. */
function manifestCommand(streams, signal) {
    const manifest = new esm/* Command */.uB('manifest')
        .description('ask registries about images')
        .addHelpText('after', '\nExample:\n  pull-image manifest inspect redis:7');
    manifest
        .command('inspect')
        .description('show the platforms of an image, their sizes and attestations, as the registry has them; pulls no layer')
        .argument('<reference>', 'an image, such as redis:7 or ghcr.io/org/app@sha256:…')
        .addOption(new esm/* Option */.c$('--format <format>', 'raw is the document itself, byte for byte')
        .choices(['table', 'json', 'raw'])
        .default('table'))
        .addOption((0,cli_options/* mirrors */.VN)())
        .addOption((0,cli_options/* insecureRegistries */.GW)())
        .option(...cli_options/* STORE */.er)
        .addHelpText('after', '\nExample:\n  pull-image manifest inspect redis:7')
        .action((text, options) => inspect(text, options, streams, signal));
    return manifest;
}
async function inspect(text, options, { say, write, aside }, signal) {
    const reference = (0,oci_reference/* withDefaultTag */._t)((0,oci_reference/* parseReference */.F2)(text));
    const settings = (0,build_settings/* parseSettings */.P)({
        images: text,
        engine: 'none',
        ...(0,cli_options/* registryInputs */.P4)(options),
    });
    const report = (0,reporter/* createReporter */.A)({ quiet: true, write: aside });
    const world = { environment: process.env, store: (0,store_path/* storePath */.T)(options.store), report, signal };
    const { ports, close } = await (0,wire/* wire */.O4)(settings, world);
    try {
        const remote = await readRemote(ports.registry, reference);
        if (signal.aborted)
            throw new errors/* PullError */.YX('CANCELLED', text, 'cancelled');
        if (options.format === 'raw')
            write(remote.document.bytes);
        else if (options.format === 'json')
            for (const line of asJson(reference, remote))
                say(line);
        else
            for (const line of asTable(reference, remote))
                say(line);
    }
    finally {
        await close();
    }
}
function asTable(reference, { document, manifests }) {
    const images = manifests.filter(({ attestation }) => !attestation);
    const attested = (image) => manifests.filter(({ attests }) => attests === image.descriptor.digest).length;
    const rows = images.map((image) => [
        (0,clean/* clean */.uH)(image.artifactType ?? platformName(image.platform), 80),
        (0,format/* formatBytes */.z3)(image.bytes),
        String(image.layers),
        attested(image) > 0 ? (0,format/* count */.U9)(attested(image), 'attestation') : '-',
        image.descriptor.digest,
    ]);
    return [
        `Name:      ${(0,oci_reference/* familiarReference */.ZD)(reference)}`,
        `MediaType: ${document.mediaType}`,
        `Digest:    ${document.digest}`,
        '',
        ...(0,columns/* columns */.Y)([['PLATFORM', 'SIZE', 'LAYERS', 'ATTESTED', 'DIGEST'], ...rows]),
    ];
}
function asJson(reference, { document, manifests }) {
    const value = {
        Name: (0,oci_reference/* familiarReference */.ZD)(reference),
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
    return (0,clean/* cleanJson */.We)(JSON.stringify(value, null, 2)).split('\n');
}

// EXTERNAL MODULE: ./build/github/described.js
var github_described = __webpack_require__(7709);
// EXTERNAL MODULE: ./build/github/commands.js
var commands = __webpack_require__(2566);
;// CONCATENATED MODULE: ./build/github/inputs.js


/** The inputs that say how registries are reached, the same for every action and in this order. */
const REGISTRY_INPUTS = [
    'registry',
    'username',
    'password',
    'registry-auth',
    'github-token',
    'mirrors',
    'insecure-registries',
    'max-concurrent-downloads',
];
/** The inputs that `action.yml` declares, all of them, in its order. */
const INPUTS = [
    'images',
    'files',
    'platforms',
    'all-tags',
    'tags',
    'max-tags',
    'pull-policy',
    'engine',
    'cache',
    'cache-max-save',
    'on-registry-error',
    'store',
    'store-max-size',
    'lock-file',
    'update-lock',
    ...REGISTRY_INPUTS,
    'quiet',
    'summary',
];
const SECRET_INPUTS = (/* unused pure expression or super */ null && (['password', 'github-token']));
const SHORTEST_MASK = 8;
const setSecret = (secret) => toStdout(maskLine(secret));
/**
 * The text of every input by name, without blanks around it; an input that is not set is the empty text. Read here, as masks are set here, because
 * @actions/core brings an HTTP client of its own, which is not to hold up the first request.
 */
function readInputs(names = INPUTS, environment = process.env) {
    return Object.fromEntries(names.map((name) => [name, environment[`INPUT_${name.toUpperCase()}`]?.trim() ?? '']));
}
/**
 * Has the runner mask the password and the token in the log, except lines shorter than 8 characters: a job output that contains a masked text is
 * dropped whole, and the runner masks each line of a secret on its own, so that the `{` of a JSON key would take every output with it.
 */
function maskSecrets(raw, mask = setSecret) {
    for (const name of SECRET_INPUTS)
        maskLines(raw[name] ?? '', mask);
    maskLogin({ username: raw.username ?? '', password: '' }, mask);
    if (raw.username && raw.password)
        mask(basic(raw.username, raw.password));
}
/** The same for a login from anywhere else: its password or token, a token in the place of its name, and what goes into a Basic header, should a registry echo it. */
function maskLogin({ username, password }, mask = setSecret) {
    maskLines(password, mask);
    if (holdsToken(username))
        maskLines(username, mask);
    if (username && password)
        mask(basic(username, password));
}
function maskLines(secret, mask) {
    for (const line of secret.split(/[\r\n]+/)) {
        if (line.trim().length >= SHORTEST_MASK)
            mask(line.trim());
    }
}
const basic = (username, password) => Buffer.from(`${username}:${password}`).toString('base64');

// EXTERNAL MODULE: ./build/github/wording.js
var wording = __webpack_require__(422);
;// CONCATENATED MODULE: ./build/github/set-outputs.js


/** Sets every output of the step; throws INPUT_INVALID about GITHUB_OUTPUT if the runner's file for them cannot be written. */
async function set_outputs_setOutputs(outputs) {
    // Not at the start, which it would hold up.
    const core = await __webpack_require__.e(/* import() */ 421).then(__webpack_require__.bind(__webpack_require__, 6421));
    try {
        for (const [name, value] of Object.entries(outputs))
            core.setOutput(name, value);
    }
    catch (cause) {
        const hint = 'The runner makes this file for each step; let nothing in the job remove it or change the variable, and see that the disk is not full.';
        throw new PullError('INPUT_INVALID', 'GITHUB_OUTPUT', `the outputs cannot be set: ${reasonOf(cause)}`, {
            hint,
            cause,
        });
    }
}

;// CONCATENATED MODULE: ./build/github/publish.js






/** GitHub allows a job 1 MB of outputs, counted as UTF-16; the rest is room for those of other steps. */
const LIMIT = 900_000;
/** The outputs with as many of those in `fallback` emptied, one after the other, as it takes to have less than 900 KB of UTF-16. */
function withinLimit(all, fallback) {
    const outputs = { ...all };
    for (const name of fallback) {
        if (sizeOf(outputs) > LIMIT)
            outputs[name] = '';
    }
    return outputs;
}
/** Sets every output, within the limit; a notice says which are empty therefore, and that the file in `report` has everything. Throws as `setOutputs` does. */
async function publish_publish(all, fallback, report) {
    const outputs = withinLimit(all, fallback);
    const empty = fallback.filter((name) => outputs[name] !== all[name]);
    if (empty.length > 0) {
        const which = `${empty.join(', ')} ${empty.length === 1 ? 'is' : 'are'} left empty`;
        report({
            type: 'notice',
            message: `The outputs are larger than GitHub allows: ${which}, ${outputs.report || 'no file'} has everything.`,
        });
    }
    await setOutputs(outputs);
}
/** Writes a new file in the runner's temp folder and returns its path; empty, after a warning, if that cannot be. */
async function publish_writeReport(text, report, env) {
    const path = join(env.RUNNER_TEMP || tmpdir(), `pull-image-report-${randomUUID()}.json`);
    try {
        await writeFile(path, text, { flag: 'wx' });
        return path;
    }
    catch (error) {
        report({ type: 'warning', message: `The report cannot be written: ${reasonOf(error)}` });
        return '';
    }
}
const sizeOf = (outputs) => 2 * Object.entries(outputs).flat().join('').length;

;// CONCATENATED MODULE: ./build/github/push-outputs.js





/** The inputs that `push/action.yml` declares, all of them, in its order. */
const PUSH_INPUTS = [
    'images',
    'files',
    'to',
    'platforms',
    'all-tags',
    'tags',
    'max-tags',
    'pull-policy',
    'store',
    'store-max-size',
    ...REGISTRY_INPUTS,
    'max-concurrent-uploads',
    'chunk-size',
    'quiet',
];
/** The outputs that `push/action.yml` declares, all of them, in its order. */
const PUSH_OUTPUTS = (/* unused pure expression or super */ null && (['digest', 'digests', 'pinned', 'json', 'report', 'store']));
/** What is given up first where there is no room for all. */
const FALLBACK = (/* unused pure expression or super */ null && (['json', 'pinned', 'digests']));
/** What a push that failed as a whole ends with. */
const NOTHING_PUSHED = {
    images: [],
    totals: { images: 0, failed: 0, uploaded: 0, mounted: 0, present: 0, bytes: 0, seconds: 0 },
};
/** The outcome as the `json` output has it, for `JSON.stringify`, images by their destination; with every blob, as the report file has it. */
function describePush({ images, totals }, withBlobs = false) {
    return {
        version: 1,
        images: Object.fromEntries(images.map((image) => [image.key, describeImage(image, withBlobs)])),
        totals: { ...totals, seconds: milliseconds(totals.seconds) },
    };
}
/** The value of every output; text is empty where there is nothing to say. */
function allOutputs(outcome, report, store) {
    const good = outcome.images.filter(({ error }) => !error);
    return {
        digest: outcome.images[0]?.error ? '' : (outcome.images[0]?.digest ?? ''),
        digests: JSON.stringify(Object.fromEntries(good.map(({ key, digest }) => [key, digest]))),
        pinned: good.flatMap((image) => pinnedText(image) ?? []).join('\n'),
        json: JSON.stringify(describePush(outcome)),
        report,
        store,
    };
}
/** The content of the report file: the `json` output with every blob. */
const renderPushReport = (outcome) => `${JSON.stringify(describePush(outcome, true), null, 2)}\n`;
/** Writes the report to a new file in the runner's temp folder and sets every output, within GitHub's limit; a report that cannot be written is only a warning. */
async function publishPush(outcome, store, report, env = process.env) {
    const file = await writeReport(renderPushReport(outcome), report, env);
    await publish(allOutputs(outcome, file, store), FALLBACK, report);
}
function describeImage(image, withBlobs) {
    const { source, reference, digest, blobs, seconds, error } = image;
    const of = (how) => blobs.filter((blob) => blob.how === how);
    return {
        source,
        reference: reference ? (0,oci_reference/* canonicalReference */.Ys)(reference.digest ? reference : (0,oci_reference/* withDefaultTag */._t)(reference)) : null,
        pinned: (error ? undefined : pinnedText(image)) ?? null,
        digest: digest ?? null,
        seconds: milliseconds(seconds),
        blobs: {
            uploaded: of('uploaded').length,
            mounted: of('mounted').length,
            present: of('present').length,
            foreign: of('foreign').length,
        },
        bytes: of('uploaded').reduce((sum, { size }) => sum + size, 0),
        ...(withBlobs && {
            contents: blobs.map(({ digest, size, how, from }) => ({ digest, size, how, ...(from && { from: (0,clean/* clean */.uH)(from) }) })),
        }),
        ...(error && {
            error: { code: error.code, message: (0,clean/* clean */.uH)(error.message), ...(error.hint && { hint: (0,clean/* clean */.uH)(error.hint) }) },
        }),
    };
}
const pinnedText = ({ reference, digest }) => (0,github_described/* pinned */.dp)({ reference, digest });
const milliseconds = (seconds) => Math.round(seconds * 1000) / 1000;

// EXTERNAL MODULE: ./build/pull/all-tags.js
var all_tags = __webpack_require__(2899);
;// CONCATENATED MODULE: ./build/push/destinations.js


/**
 * Where each image goes: to every destination, or to its own name where there is none. A destination that ends with `/` takes the whole path of the image below it, one
 * without a tag takes its tag. Throws INPUT_INVALID if two images would come to lie under one name.
 */
function waysOf(images, destinations) {
    const ways = images.flatMap((image) => {
        const own = (0,oci_reference/* withDefaultTag */._t)(image.reference);
        if (destinations.length === 0)
            return [{ image, to: placed(own, own) }];
        return destinations.map((destination) => ({ image, to: placed(whereTo(destination, own), own) }));
    });
    const taken = new Map();
    for (const way of ways) {
        const name = (0,oci_reference/* canonicalReference */.Ys)(way.to);
        const other = taken.get(name);
        if (other && other.image.key !== way.image.key)
            throw collision(way, other);
        taken.set(name, way);
    }
    return [...taken.values()];
}
/** A tag, or the digest where there is none: what is pushed under a tag has the digest it has. */
function placed({ domain, path, tag }, { digest }) {
    return tag === undefined ? { domain, path, digest } : { domain, path, tag };
}
function whereTo(destination, { path, tag }) {
    const { domain, prefix } = destination;
    if (prefix !== undefined)
        return { domain, path: `${prefix}${path}`, tag };
    return { domain, path: destination.path, tag: destination.tag ?? tag };
}
function collision({ image, to }, other) {
    const reason = `${other.image.key} and ${image.key} would both be pushed there`;
    const hint = 'End the destination with / to keep the paths of the images apart: registry.example/mirror/.';
    return new errors/* PullError */.YX('INPUT_INVALID', (0,oci_reference/* familiarReference */.ZD)(to), reason, { hint });
}

;// CONCATENATED MODULE: ./build/push/contents.js




/** An index in an index in an index is legal and rare; deeper is somebody's mistake or malice. */
const contents_MAX_DEPTH = 5;
/**
 * What the target leads to, all of it in the store. Throws NOT_HELD about the subject, with the first digest that is missing, if it is not: an index without one of its
 * children would be another index. `made` are documents that lie nowhere yet.
 */
async function contents_contentsOf(target, subject, store, made = []) {
    const documents = new Map();
    const blobs = new Map();
    async function visit(digest, depth) {
        if (documents.has(digest))
            return;
        const bytes = made.find((document) => document.digest === digest)?.bytes ?? (await store.read(digest));
        if (bytes === undefined)
            throw missing(subject, `the manifest ${digest}`);
        const content = (0,oci_manifest/* parseDocument */.Tp)({ mediaType: '', digest, bytes }, subject);
        const { mediaType } = content;
        if (content.kind === 'index') {
            if (depth === contents_MAX_DEPTH)
                throw new errors/* PullError */.YX('MANIFEST_INVALID', subject, `indexes in indexes, more than ${contents_MAX_DEPTH} deep`);
            for (const child of content.manifests) {
                if ((0,media_types/* isIndexType */.$U)(child.mediaType) || (0,media_types/* isManifestType */.Q3)(child.mediaType))
                    await visit(child.digest, depth + 1);
                else
                    blobs.set(child.digest, await held(child));
            }
        }
        else {
            for (const blob of [content.config, ...content.layers])
                blobs.set(blob.digest, await held(blob));
        }
        documents.set(digest, { mediaType, digest, bytes });
    }
    async function held(blob) {
        if (isForeign(blob) || (await store.has(blob)))
            return blob;
        throw missing(subject, `the blob ${blob.digest}`);
    }
    await visit(target, 1);
    return { documents: [...documents.values()], blobs: [...blobs.values()] };
}
/** True for a layer that registries are not to hand on (image-spec v1.1, layer.md, "Non-Distributable Layers"), where it says who does. */
function isForeign({ mediaType, urls = [] }) {
    return urls.length > 0 && /foreign|nondistributable/.test(mediaType);
}
/** The target's descriptor: the document that all others lead from. */
function targetOf({ documents }) {
    const last = documents.at(-1);
    return last && descriptorOf(last);
}
function missing(subject, what) {
    const hint = 'Pull it with --platform all, or choose the platforms to push with --platform (input: platforms).';
    return new errors/* PullError */.YX('NOT_HELD', subject, `the store does not have ${what}`, { hint });
}

;// CONCATENATED MODULE: ./build/push/subset.js





/**
 * What is to be pushed where some platforms of an image were chosen, by the digests of their manifests: one of them is pushed as what it is; of several an index is made
 * that lists them and those of their attestations that the store has, each with the very entry it had. Equal choices give equal bytes.
 */
async function subsetOf(target, chosen, store) {
    const [first, ...others] = [...new Set(chosen)];
    if (first === undefined || chosen.includes(target))
        return { target, made: [] };
    if (others.length === 0)
        return { target: first, made: [] };
    const index = await readIndex(target, store);
    const all = await entriesOf(index, store);
    const stay = await Promise.all(all.map((entry) => staysIn(entry, chosen, store)));
    const manifests = all.filter((_, at) => stay[at]);
    if (manifests.length === all.length)
        return { target, made: [] };
    const bytes = Buffer.from(JSON.stringify({ ...index, manifests }));
    const mediaType = typeof index.mediaType === 'string' ? index.mediaType : '';
    const document = { mediaType, digest: (0,oci_digest/* digestOf */.ol)(bytes), bytes };
    return { target: document.digest, made: [document] };
}
async function staysIn(entry, chosen, store) {
    if (chosen.includes(entry.digest))
        return true;
    const { platform, annotations } = entry;
    const described = (0,platform_match/* describedBy */.$9)({ platform: platform ?? undefined, annotations: annotations ?? undefined });
    if (described === undefined || !chosen.includes(described))
        return false;
    try {
        await contents_contentsOf(entry.digest, entry.digest, store);
        return true;
    }
    catch (error) {
        // Who pulled the image has said that it lacks an attestation.
        if (error instanceof errors/* PullError */.YX)
            return false;
        throw error;
    }
}
/** What was pulled has been read as an index before. */
async function readIndex(digest, store) {
    const bytes = await store.read(digest);
    return bytes ? JSON.parse(new TextDecoder().decode(bytes)) : {};
}
/** The entries of an index, those of indexes in it in their place. */
async function entriesOf({ manifests }, store) {
    const entries = Array.isArray(manifests) ? manifests : [];
    const spread = entries.map(async (entry) => (0,media_types/* isIndexType */.$U)(entry.mediaType) ? entriesOf(await readIndex(entry.digest, store), store) : [entry]);
    return (await Promise.all(spread)).flat();
}

;// CONCATENATED MODULE: ./build/push/parcels.js





/**
 * What of the images that were pulled goes where: with `all` platforms each as it is, else those that were asked for, with a notice where the digest is another one
 * therefore. Throws INPUT_INVALID if two would come to lie under one name.
 */
async function pack(images, destinations, all, store, report) {
    const good = images.flatMap((image) => {
        const { key, reference, digest, error } = image;
        return reference && digest && !error ? [{ key, reference, digest, image }] : [];
    });
    const ways = waysOf(good, destinations);
    const parcels = ways.map(async ({ image: { key, reference, digest, image }, to }) => {
        const parcel = { source: key, from: reference, to };
        if (all)
            return { ...parcel, target: digest };
        const { target, made } = await subsetOf(digest, image.platforms.flatMap((platform) => platform.digest ?? []), store);
        const names = image.platforms.map(({ platform }) => platform).join(', ');
        const message = `${(0,clean/* clean */.uH)((0,oci_reference/* familiarReference */.ZD)(to))} gets ${(0,clean/* clean */.uH)(names, 200)} alone, so its digest is not the one of ${(0,clean/* clean */.uH)(key)}: ${target}`;
        if (target !== digest)
            report({ type: 'notice', message });
        return {
            ...parcel,
            target,
            made,
            ...(target === digest || to.digest === undefined ? {} : { to: { ...to, digest: target } }),
        };
    });
    return {
        parcels: await Promise.all(parcels),
        failed: images
            .filter((image) => !good.some(({ key }) => key === image.key))
            .map((image) => notHere(image, destinations.length > 0)),
    };
}
function notHere({ key, error, seconds }, mayPull) {
    const failure = error && (mayPull || error.code !== 'NOT_HELD') ? error : notHeld((0,clean/* clean */.uH)(key));
    return { key, source: key, size: 0, blobs: [], seconds, error: failure };
}
const notHeld = (key) => new errors/* PullError */.YX('NOT_HELD', key, 'is not complete in the store, and is not pulled where no destination is named', {
    hint: 'Pull it first, or say where it is to go (input to, option --to): what is missing is then pulled.',
});

// EXTERNAL MODULE: ./build/lib/pool.js
var pool = __webpack_require__(7908);
;// CONCATENATED MODULE: ./build/push/gauge.js
/** Counts the blobs it is told of and tells how many of their bytes were sent; those that need not be sent are no longer expected once that is known. */
function uploadGauge(store, report) {
    let [sent, expected, blobs, blobsDone] = [0, 0, 0, 0];
    const tell = () => report({ type: 'pushing', sent, expected, blobs, blobsDone });
    return ({ size }) => {
        blobs += 1;
        expected += size;
        let at = 0;
        const moveTo = (position) => {
            sent += position - at;
            at = position;
            tell();
        };
        return {
            source: {
                async *open(blob, range) {
                    let position = range?.start ?? 0;
                    moveTo(position);
                    for await (const chunk of store.open(blob, range)) {
                        yield chunk;
                        position += chunk.byteLength;
                        moveTo(position);
                    }
                },
            },
            end() {
                expected -= size - at;
                blobsDone += 1;
                tell();
            },
        };
    };
}

;// CONCATENATED MODULE: ./build/push/blobs.js




/**
 * Brings each blob to each repository once. Where several repositories of one registry are to have the same blob, its bytes are sent to the first alone, and the others wait
 * to have it mounted from there.
 */
function bringer({ uploads, store, report, }, gate) {
    const each = (0,pool/* once */.Oo)();
    const gauge = uploadGauge(store, report);
    /** By registry and digest: the last repository that has it or is about to. */
    const homes = new Map();
    async function bring(blob, to, from) {
        const { digest, size } = blob;
        const { source, end } = gauge(blob);
        const how = await gate(to.domain)(() => uploads.blob(to, blob, source, from)).finally(end);
        return { digest, size, how, ...(how === 'mounted' && from ? { from: (0,oci_reference/* familiarName */.hG)(from) } : {}) };
    }
    return async (blob, to, from) => {
        const { digest, size } = blob;
        if (isForeign(blob))
            return { digest, size, how: 'foreign' };
        return each(`${(0,oci_reference/* canonicalName */.Ew)(to)} ${digest}`, async () => {
            const place = `${to.domain} ${digest}`;
            const earlier = homes.get(place);
            const source = from && from.domain === to.domain && from.path !== to.path ? from : undefined;
            const brought = (async () => bring(blob, to, (await earlier) ?? source))();
            // Who waits for this one takes what was there before it, should it fail.
            homes.set(place, brought.then(() => to).catch(() => earlier));
            return brought;
        });
    };
}

;// CONCATENATED MODULE: ./build/push/push.js






/**
 * Brings images of the store to registries: each blob at most once to each registry, and only if it is not there; children before what names them, the tag last, so that
 * no tag ever leads to what is missing. One that fails does not stop the others. Those
 * that failed before are counted with them. Throws CANCELLED alone.
 */
async function push(parcels, ports, failed = []) {
    const startedAt = ports.now();
    const gate = (0,pool/* gates */.VF)(ports.concurrency);
    const bring = bringer(ports, gate);
    const putAll = documentPutter(ports.uploads);
    const pushed = await Promise.all(parcels.map(async (parcel) => {
        const image = await pushOne(parcel, bring, putAll, ports);
        if (!ports.signal.aborted)
            ports.report({ type: 'pushed', image });
        return image;
    }));
    if (ports.signal.aborted)
        throw (0,errors/* cancelled */.KW)();
    const images = [...pushed, ...failed];
    const totals = totalsOf(images, (ports.now() - startedAt) / 1000);
    ports.report({ type: 'push-finished', totals });
    return { images, totals };
}
async function pushOne(parcel, bring, putAll, ports) {
    const { to, source, from, target, made } = parcel;
    const startedAt = ports.now();
    const key = (0,oci_reference/* familiarReference */.ZD)(to);
    const facts = { key, source, reference: to, digest: target, size: 0, blobs: [] };
    const seconds = () => (ports.now() - startedAt) / 1000;
    try {
        const contents = await contents_contentsOf(target, source, ports.store, made);
        const blobs = await allOf(contents.blobs.map((blob) => bring(blob, to, from)));
        await putAll(contents, to);
        const size = contents.documents.at(-1)?.bytes.byteLength ?? 0;
        return { ...facts, size, blobs, seconds: seconds() };
    }
    catch (error) {
        if (!(error instanceof errors/* PullError */.YX) && !ports.signal.aborted)
            throw error;
        const failure = error instanceof errors/* PullError */.YX ? error : new errors/* PullError */.YX('CANCELLED', (0,clean/* clean */.uH)(key), 'cancelled');
        return { ...facts, seconds: seconds(), error: failure };
    }
}
/** All of them, or the first failure once none runs on behind it. */
async function allOf(tasks) {
    const settled = await Promise.allSettled(tasks);
    return settled.map((one) => {
        if (one.status === 'rejected')
            throw one.reason;
        return one.value;
    });
}
/**
 * One after the other, for each may name those before it; the last gets the tag. Tags of one repository take turns, and what they share is put once: registries that keep
 * files show others a manifest half written while it is put again.
 */
function documentPutter(uploads) {
    const turn = (0,pool/* gates */.VF)(1);
    const done = new Set();
    return ({ documents }, to) => turn((0,oci_reference/* canonicalName */.Ew)(to))(async () => {
        for (const document of documents) {
            const tag = document === documents.at(-1) ? to.tag : undefined;
            const place = `${(0,oci_reference/* canonicalName */.Ew)(to)}@${document.digest}`;
            if (tag === undefined && done.has(place))
                continue;
            await uploads.manifest(to, document, tag);
            done.add(place);
        }
    });
}
function totalsOf(images, seconds) {
    const blobs = images.flatMap((image) => image.blobs);
    const of = (how) => blobs.filter((blob) => blob.how === how);
    return {
        images: images.length,
        failed: images.filter(({ error }) => error).length,
        uploaded: of('uploaded').length,
        mounted: of('mounted').length,
        present: of('present').length,
        bytes: of('uploaded').reduce((sum, { size }) => sum + size, 0),
        seconds,
    };
}

// EXTERNAL MODULE: ./build/settings/images.js
var settings_images = __webpack_require__(2192);
;// CONCATENATED MODULE: ./build/push/stored-tags.js


/**
 * The tags that names of the store have of a repository, each once, sorted; names that are no references are passed over. Throws INPUT_INVALID or REFERENCE_INVALID
 * for what is no repository.
 */
function storedTags(repository, names) {
    const wanted = (0,oci_reference/* canonicalName */.Ew)((0,settings_images/* parseRepository */.SU)(repository));
    const tags = names.flatMap((name) => {
        const reference = stored_tags_read(name);
        return reference?.tag !== undefined && reference.digest === undefined && (0,oci_reference/* canonicalName */.Ew)(reference) === wanted
            ? [reference.tag]
            : [];
    });
    return [...new Set(tags)].sort();
}
function stored_tags_read(name) {
    try {
        return (0,oci_reference/* parseReference */.F2)(name);
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./build/registry/put-manifest.js




const put_manifest_TAKEN = new Set([200, 201, 202, 204]);
/**
 * Puts a document under a tag, or without one under its digest (distribution-spec v1.1, "Pushing Manifests"). Throws DIGEST_MISMATCH if the registry says that
 * it has another one, which is one that changes what is pushed.
 */
async function putManifest(remote, document, tag) {
    const { mediaType, digest, bytes } = document;
    const answer = await remote.ask({
        kind: 'manifest',
        method: 'PUT',
        at: `manifests/${tag ?? digest}`,
        target: tag === undefined ? `${remote.name}@${digest}` : `${remote.name}:${tag}`,
        headers: { 'content-type': mediaType, 'content-length': String(bytes.byteLength) },
        body: bytes,
        limit: ANSWER_LIMIT,
    });
    if (!put_manifest_TAKEN.has(answer.status))
        throw await answer.failure();
    await answer.discard();
    const named = (0,transport/* header */.wx)(answer.headers, 'docker-content-digest');
    if (!(0,oci_digest/* isDigest */.Bc)(named) || named === digest || named.split(':')[0] !== digest.split(':')[0])
        return;
    const reason = `${answer.url.host} was given the manifest ${digest} and says that it has ${named}`;
    throw new errors/* PullError */.YX('DIGEST_MISMATCH', remote.name, reason);
}

;// CONCATENATED MODULE: ./build/registry/upload-bytes.js



/** What is sent at once after a registry, or a proxy before it, found a request too large. */
const SMALL_CHUNK = 8 * 1024 * 1024;
/** What is sent at once after a break that cost all that was sent: the next one costs no more than this, where the registry keeps chunks. */
const CAREFUL_CHUNK = 16 * 1024 * 1024;
const TOO_LARGE = 413;
/** The upload is elsewhere than we thought, or gone. */
const MISPLACED = new Set([404, 416]);
/** After a break also: the bytes of before and after do not fit, or chunks are not taken. */
const CONFUSED = new Set([400, 404, 405, 416]);
const BINARY = { 'content-type': 'application/octet-stream' };
/**
 * Sends the bytes of a blob (distribution-spec v1.1, "Pushing blobs"): in one PUT, or where it is larger than a chunk in PATCHes, ended by a PUT. After a break
 * it goes on where the registry says it stands, or in a new upload where the old one is gone: then in chunks of 16 MiB, and whole again where a break costs
 * those too. Five breaks in a row without progress end it; a chunk that brings the upload no further by what the registry says is one. A blob whose bytes are not what its digest says is never sent to its end in one PUT, and in chunks
 * it is the registry that refuses it.
 */
async function sendBlob(remote, blob, source, session, chunkBytes) {
    const sending = { remote, blob, source, largest: chunkBytes, chunk: chunkBytes, session, broken: false };
    let fruitless = 0;
    let waits = (0,retry/* newWaits */.Hr)();
    for (let farthest = 0;;) {
        const { offset } = sending.session;
        if (offset > farthest)
            [fruitless, waits] = [0, (0,retry/* newWaits */.Hr)()];
        farthest = Math.max(farthest, offset);
        try {
            if (await sendNext(sending))
                return;
        }
        catch (error) {
            fruitless += 1;
            if (!(await (0,retry/* pause */.v7)(fruitless, error, remote.retries, waits)))
                throw (0,retry/* withItsWait */._o)(error, waits);
            sending.session = await takeUp(sending);
            sending.broken = true;
            if (sending.session.offset === 0)
                sending.chunk = otherWay(sending);
        }
    }
}
/** One request; true once the registry has the whole blob. */
async function sendNext(sending) {
    const { blob, session, remote } = sending;
    const { offset } = session;
    const chunk = Math.max(sending.chunk, session.leastChunk);
    const isLast = offset === blob.size || (offset === 0 && blob.size <= chunk);
    const end = isLast ? blob.size : Math.min(blob.size, offset + chunk);
    const answer = isLast ? await upload_bytes_put(sending, offset) : await patch(sending, offset, end);
    const { status } = answer;
    if (isLast && (status === 201 || status === 204)) {
        await answer.discard();
        return true;
    }
    if (!isLast && status >= 200 && status < 300) {
        const held = Math.min(bytesHeld(answer) ?? end, blob.size);
        sending.session = await sessionOf(remote, answer, held, session);
        if (held > offset)
            return false;
        throw noFurther(sending, answer, `${offset}-${end - 1}`);
    }
    if (status === TOO_LARGE && chunk > SMALL_CHUNK)
        Object.assign(sending, { largest: SMALL_CHUNK, chunk: SMALL_CHUNK });
    else if (!(sending.broken ? CONFUSED : MISPLACED).has(status))
        throw await answer.failure();
    // Another try may do, but not for ever.
    const { code, subject, reason, hint } = await answer.failure();
    throw new errors/* PullError */.YX(code, subject, reason, { hint, temporary: true });
}
/** Else a registry that takes every chunk, and keeps none, would be sent the same for ever. */
function noFurther({ remote, blob, session }, { url, status }, sent) {
    const found = `${url.host} took bytes ${sent} of an upload (${status})`;
    const reason = `${found}, but says that it holds ${session.offset} bytes: expected more than before`;
    const hint = 'If this goes on, the registry, or a proxy before it, does not keep chunks: send larger ones.';
    return new errors/* PullError */.YX('REGISTRY_ANSWER', aboutBlob(remote, blob, '').target, reason, { hint, temporary: true });
}
/** How to send a blob again of which nothing is left: what was in vain is not done twice. */
const otherWay = ({ chunk, largest }) => chunk === largest ? Math.min(largest, CAREFUL_CHUNK) : largest;
function upload_bytes_put({ remote, blob, session, source }, offset) {
    const at = new URL(session.location);
    at.searchParams.set('digest', blob.digest);
    const rest = blob.size - offset;
    const headers = { ...BINARY, 'content-length': String(rest) };
    const body = rest > 0 ? () => source.open(blob) : undefined;
    return remote.askOnce({ ...aboutBlob(remote, blob, at), method: 'PUT', headers, body, bulk: true });
}
function patch({ remote, blob, session, source }, start, end) {
    const headers = { ...BINARY, 'content-length': String(end - start), 'content-range': `${start}-${end - 1}` };
    const body = () => source.open(blob, { start, end });
    const about = aboutBlob(remote, blob, session.location);
    return remote.askOnce({ ...about, method: 'PATCH', headers, body, bulk: true });
}
/** Where the upload stands by what the registry says; a new one where it does not know of it any more. */
async function takeUp({ remote, blob, session }) {
    try {
        const answer = await remote.askOnce({ ...aboutBlob(remote, blob, session.location) });
        const held = answer.status === 204 || answer.status === 200 ? bytesHeld(answer) : undefined;
        if (held !== undefined && held <= blob.size)
            return await sessionOf(remote, answer, held, session);
        await answer.discard();
    }
    catch (error) {
        if (!(error instanceof errors/* PullError */.YX) || (0,errors/* isCancelled */.mm)(error))
            throw error;
    }
    return begin(remote, blob);
}

;// CONCATENATED MODULE: ./build/registry/uploads.js





/** A registry that moves a large upload to where it is to lie answers late, and not before. */
const HEADERS_MS = 180_000;
/** The registries of the world, to be written to; nothing is sent before something is asked, and every request ends with the signal. */
function createUploads(options) {
    const { chunkBytes = Number.POSITIVE_INFINITY } = options;
    const client = (0,registry_client/* createClient */.U)({ ...options, timeouts: { headersMs: HEADERS_MS, ...options.timeouts } });
    const known = new Map();
    /** A door that asks to read another repository is one of its own: where that is refused, this one still opens. */
    const open = (repository, from) => {
        const key = `${(0,oci_reference/* canonicalName */.Ew)(repository)} ${from?.path ?? ''}`;
        const scopes = [`repository:${repository.path}:pull,push`, ...(from ? [`repository:${from.path}:pull`] : [])];
        const remote = known.get(key) ?? client.open(repository, { push: true, scope: scopes.join(' ') });
        known.set(key, remote);
        return remote;
    };
    return {
        async blob(repository, blob, source, from) {
            const remote = open(repository);
            if (await hasBlob(remote, blob))
                return 'present';
            const mounted = from ? await mount(open(repository, from), blob, from) : undefined;
            if (mounted === 'mounted')
                return 'mounted';
            await sendBlob(remote, blob, source, mounted ?? (await begin(remote, blob)), chunkBytes);
            return 'uploaded';
        },
        manifest: (repository, document, tag) => putManifest(open(repository), document, tag),
        close: client.network.close,
    };
}

// EXTERNAL MODULE: ./build/settings/reader.js
var reader = __webpack_require__(7121);
;// CONCATENATED MODULE: ./build/settings/push.js





/**
 * Settings of a push out of raw text: those of a pull without an engine, of every platform unless some are named, and where to. Throws INPUT_INVALID with all mistakes of
 * the one or the other.
 */
function parsePushSettings(raw, found, readYaml) {
    const read = (0,reader/* reader */.wA)(raw);
    const destinations = read.list(reader/* splitList */.ry, 'to', parseDestination);
    const uploads = read.integer('max-concurrent-uploads', 5, 256);
    const chunkBytes = read.size('chunk-size', 0, LEAST_CHUNK) || undefined;
    const pull = pullOf({ ...raw, platforms: raw.platforms?.trim() || 'all', engine: 'none' }, found, readYaml);
    const tagged = destinations.find((destination) => destination.prefix === undefined && destination.tag !== undefined);
    if (tagged && (pull.request.allTags || pull.request.images.length > 1))
        read.mistakes.push('to: a destination with a tag takes one image; leave out the tag to keep those of the images');
    const [first, ...others] = read.mistakes;
    if (first === undefined)
        return { pull, destinations, uploads, chunkBytes };
    const reason = others.length === 0
        ? first
        : `${read.mistakes.length} mistakes\n${read.mistakes.map((line) => `- ${line}`).join('\n')}`;
    throw new errors/* PullError */.YX('INPUT_INVALID', 'inputs', reason, { hint: push_NOTHING });
}
/** As of a pull, with what describes the images, and but for what has not been done where they are wrong. */
function pullOf(...of) {
    try {
        const settings = (0,build_settings/* parseSettings */.P)(...of);
        return { ...settings, request: { ...settings.request, attestations: true } };
    }
    catch (error) {
        if (!(error instanceof errors/* PullError */.YX))
            throw error;
        throw new errors/* PullError */.YX(error.code, error.subject, error.reason, { hint: push_NOTHING });
    }
}
/** Each chunk costs a round trip. */
const LEAST_CHUNK = 64_000;
const push_NOTHING = 'Nothing was pushed.';
function parseDestination(text) {
    if (text.endsWith('/')) {
        const { domain, path } = prefixOf(text);
        return { domain, prefix: path.slice(0, -BELOW.length) };
    }
    const { domain, path, tag, digest } = (0,oci_reference/* parseReference */.F2)(text);
    if (/^([^/:]*\.[^/:]*|localhost)(:[^/]*)?$/.test(text)) {
        // As the name of an image it is one of Docker Hub, which nobody means.
        const hint = `End it with / to have the paths of the images behind it: ${(0,clean/* clean */.uH)(text)}/`;
        throw new errors/* PullError */.YX('INPUT_INVALID', (0,clean/* clean */.uH)(text), 'is a registry without a repository', { hint });
    }
    if (digest === undefined)
        return { domain, path, tag };
    const reason = 'a destination has no digest: what is pushed has the digest it has';
    throw new errors/* PullError */.YX('INPUT_INVALID', (0,clean/* clean */.uH)(text), reason, { hint: `Write ${(0,clean/* clean */.uH)(text.replace(/@.*$/, ''))}.` });
}
const BELOW = 'x/x';
/** A name below it says whether the prefix is one. */
function prefixOf(text) {
    try {
        return (0,oci_reference/* parseReference */.F2)(`${text}${BELOW}`);
    }
    catch (error) {
        if (!(error instanceof errors/* PullError */.YX))
            throw error;
        const hint = 'Write a registry, and perhaps the beginning of a path, such as ghcr.io/org/mirror/.';
        throw new errors/* PullError */.YX(error.code, (0,clean/* clean */.uH)(text), error.reason, { hint });
    }
}

// EXTERNAL MODULE: ./build/sources/tag-filter.js
var tag_filter = __webpack_require__(1812);
// EXTERNAL MODULE: ./build/sources/yaml-texts.js
var yaml_texts = __webpack_require__(391);
// EXTERNAL MODULE: ./build/wire/sources.js + 1 modules
var sources = __webpack_require__(4090);
;// CONCATENATED MODULE: ./build/wire/push.js















/**
 * Settings out of the raw text of the inputs, relative paths in this folder. With no place to push to, what the store has is pushed to its own name. `all-tags` takes the
 * tags that the store has, unless the policy is `always` or there are none: then those of the registry, or NO_TAGS where that is not to be asked. Throws one INPUT_INVALID.
 */
async function preparePush(raw, folder, { environment, store }) {
    const { found, events } = await (0,sources/* readSources */.tW)(raw, folder, environment);
    const policy = raw.to?.trim() ? raw['pull-policy'] : 'never';
    const list = async () => (await (0,wire/* openCare */.u2)(store, environment)).care.list();
    const tagged = await withStoredTags({ ...raw, 'pull-policy': policy }, found, list);
    const settings = parsePushSettings(tagged.raw, tagged.found, yaml_texts.parseYamlTexts);
    const { maxTags } = settings.pull.request;
    const many = tagged.stored.find(({ tags }) => tags.length > maxTags);
    if (many)
        throw tooMany(many, maxTags);
    return { settings, events };
}
/** Repositories that the store has tags of as images of these tags, beside what files name; the others are left for the registry to be asked about. */
async function withStoredTags(raw, found, list) {
    // What is wrong with them is said where all inputs are read.
    const read = (0,reader/* reader */.wA)(raw);
    const policy = read.text('pull-policy') ?? 'always';
    if (!read.boolean('all-tags', false) || policy === 'always')
        return { raw, found, stored: [] };
    const names = (await list()).map(({ name }) => name);
    const choose = (0,tag_filter.tagFilter)((0,reader/* splitLines */.uz)(raw.tags ?? ''));
    const all = (0,reader/* splitList */.ry)(raw.images ?? '').map((image) => ({ image, tags: choose(storedTags(image, names)) }));
    const absent = all.filter(({ tags }) => tags.length === 0).map(({ image }) => image);
    if (absent.length > 0 && policy === 'never')
        throw noTags(absent, (0,reader/* splitLines */.uz)(raw.tags ?? ''));
    const images = all.flatMap(({ image, tags }) => tags.map((tag) => ({ text: `${image}:${tag}`, at: 'all-tags' })));
    const rest = absent.length > 0 ? { images: absent.join('\n') } : { images: '', 'all-tags': 'false', tags: '' };
    return { raw: { ...raw, ...rest }, found: { ...found, images: [...images, ...found.images] }, stored: all };
}
const tooMany = ({ image, tags }, allowed) => (0,all_tags/* tooManyTags */.Z)((0,clean/* clean */.uH)(image, 300), `push ${(0,format/* count */.U9)(tags.length, 'tag')} of the store`, tags.length, allowed);
function noTags(repositories, patterns) {
    const which = patterns.length > 0 ? ` that matches ${(0,clean/* clean */.uH)(patterns.join(' '), 300)}` : '';
    const reason = `the store has no tag of it${which}; nothing was pushed`;
    const hint = 'See pull-image ls, and pull it first. With a destination (to) and pull-policy missing its registry is asked for its tags.';
    return new errors/* PullError */.YX('NO_TAGS', repositories.map((each) => (0,clean/* clean */.uH)(each, 300)).join(', '), reason, { hint });
}
/** Pulls what is not here, pushes it all, and lets it go again. One image that fails does not stop the others; throws CANCELLED, or what makes the whole run impossible. */
async function runPush({ settings }, world) {
    const { signal } = world;
    const { pull: pulling, destinations, uploads: concurrency, chunkBytes } = settings;
    const leases = [];
    const quiet = pulling.request.policy === 'never';
    const report = (event) => {
        if (event.type === 'leased')
            leases.push(event.lease);
        if (!quiet || !OF_THE_PULL.has(event.type))
            world.report(event);
    };
    const { ports, close } = await (0,wire/* wire */.O4)(pulling, { ...world, report });
    const access = await (0,wire/* accessOf */.YK)({ ...pulling, concurrency }, { ...world, report });
    const uploads = createUploads({ ...access, connections: concurrency, chunkBytes, signal, report });
    try {
        const { store, now } = ports;
        const pulled = await (0,pull/* pull */.a)(pulling.request, ports);
        const all = pulling.request.platforms === 'all';
        const { parcels, failed } = await pack(pulled.images, destinations, all, store, report);
        for (const image of failed)
            if (quiet)
                report({ type: 'pushed', image });
        const pushPorts = { uploads, store, report, signal, now, concurrency };
        return await push(parcels, pushPorts, failed);
    }
    finally {
        await Promise.allSettled(leases.map((lease) => ports.store.release(lease)));
        await Promise.all([uploads.close(), close()]);
    }
}
/** What is said of a pull that asks no registry: nothing. */
const OF_THE_PULL = new Set(['started', 'planned', 'progress', 'image', 'finished']);

// EXTERNAL MODULE: ./build/cli/screen.js
var cli_screen = __webpack_require__(5825);
;// CONCATENATED MODULE: ./build/cli/push.js







/** Adds `push` to the commands. */
function addPush(root, signal, streams, done) {
    root
        .command('push')
        .description('push images of the store to registries; with --to what is not there is pulled on the way')
        .argument('[reference...]', 'images, such as ghcr.io/org/app:1; without --to they go to their own names')
        .addOption((0,cli_options/* several */.J$)('-t, --to <destination>', 'where they go: a repository, repository:tag, or prefix/', 'their own names'))
        .addOption((0,cli_options/* files */.aq)())
        .addOption((0,cli_options/* several */.J$)('--platform <platform>', 'such as linux/arm64', 'all'))
        .option('-a, --all-tags', 'every tag of each repository: those in the store, else those of the registry')
        .addOption((0,cli_options/* tags */._A)())
        .option(...cli_options/* MAX_TAGS */.x3)
        .option('--pull-policy <policy>', 'always, missing or never', 'missing')
        .option(...cli_options/* STORE */.er)
        .addOption((0,cli_options/* mirrors */.VN)())
        .addOption((0,cli_options/* insecureRegistries */.GW)())
        .option('--max-concurrent-uploads <number>', 'uploads at once to each registry (default: 5)')
        .option('--chunk-size <size>', 'send large layers in pieces of this size, such as 50MB')
        .option(...cli_options/* QUIET */.DC)
        .option(...cli_options/* JSON_TOO */.Wd)
        .addHelpText('after', '\nExamples:\n  pull-image push ghcr.io/org/app:1\n  pull-image push redis:7 postgres:17 --to ghcr.io/org/hub/')
        .action(async (references, options) => {
        done(await pushCommand(references, options, signal, streams));
    });
}
/** `push`: images of the store, or pulled on the way, to registries. Returns the exit code, 1 if an image failed; throws what makes the whole run impossible. */
async function pushCommand(references, options, signal, { stdout, stderr }) {
    const raw = {
        images: references.join('\n'),
        to: options.to.join('\n'),
        files: options.files.join('\n'),
        platforms: options.platform.join('\n'),
        'all-tags': String(options.allTags ?? false),
        tags: options.tags.join('\n'),
        'max-tags': options.maxTags,
        'pull-policy': options.pullPolicy,
        ...(0,cli_options/* registryInputs */.P4)(options),
        'max-concurrent-uploads': options.maxConcurrentUploads,
        'chunk-size': options.chunkSize,
    };
    const environment = process.env;
    const store = (0,store_path/* storePath */.T)(options.store);
    const lines = options.json ? stderr : stdout;
    const quiet = options.quiet ?? false;
    const screen = (0,cli_screen/* openScreen */.J2)(lines, !quiet && (0,cli_screen/* takesBars */.J0)(lines, environment));
    const print = (0,reporter/* createReporter */.A)({ quiet, write: screen.write, complain: (0,cli_screen/* complainTo */.DO)(stderr, lines, screen) });
    const report = (event) => {
        if (!screen.takes(event))
            print(event);
    };
    try {
        const prepared = await preparePush(raw, process.cwd(), { environment, store });
        for (const event of prepared.events)
            report(event);
        const outcome = await runPush(prepared, { environment, store, report, signal });
        if (options.json)
            stdout.write(`${(0,clean/* cleanJson */.We)(JSON.stringify(describePush(outcome)))}\n`);
        return outcome.totals.failed > 0 ? 1 : 0;
    }
    finally {
        screen.close();
    }
}

;// CONCATENATED MODULE: ./build/cli/rm.js







/** `rm`: takes images out of the store, one after the other; one that cannot go does not keep the others. Exits with 1 if one stayed. */
function rmCommand(say, complain) {
    return new esm/* Command */.uB('rm')
        .description('remove images from the store by name, digest or id; never what a job uses')
        .argument('<image...>', 'names, name@digest, or ids')
        .option('-f, --force', 'by id also what several repositories have; and no error for what is not there')
        .option(...cli_options/* STORE */.er)
        .addHelpText('after', '\nExample:\n  pull-image rm redis:7 4bcff63911fc')
        .action(async (texts, options) => {
        const { store, care } = await (0,open_store/* careOf */.N)(options.store);
        for (const text of texts) {
            try {
                await remove(text, await readShelf(store, care), care, options.force ?? false, say);
            }
            catch (error) {
                if (!(error instanceof errors/* PullError */.YX) || (0,errors/* isCancelled */.mm)(error))
                    throw error;
                if (options.force && error.code === 'NOT_HELD')
                    continue;
                complain((0,wording/* errorText */.kc)(error));
                process.exitCode = 1;
            }
        }
    });
}
async function remove(text, shelf, care, force, say) {
    const found = shelf.find(text);
    const repositories = new Set(found.map(({ reference }) => (0,oci_reference/* familiarName */.hG)(reference)));
    if (repositories.size > 1 && !force)
        throw new errors/* PullError */.YX('INPUT_INVALID', text, `${repositories.size} repositories have this image: ${[...repositories].join(', ')}`, {
            hint: 'Name the one to be removed, or add --force.',
        });
    const going = [...found, ...partsOf(found, shelf)];
    const { names, inUse, blobs } = await care.remove(going.flatMap(({ recorded }) => recorded));
    const gone = new Set(names);
    for (const { name, recorded } of going)
        if (recorded.some((each) => gone.has(each)))
            say(`Untagged: ${name}`);
    for (const { digest } of blobs)
        say(`Deleted: ${digest}`);
    if (inUse.length > 0)
        throw new errors/* PullError */.YX('STORE_LOCKED', text, 'a job uses this image', {
            hint: 'It can be removed when the job has ended, or 6 hours after it began.',
        });
}
/** The names of platforms that only the images that go have: nobody would ask for them. */
function partsOf(going, { images }) {
    const names = new Set(going.map(({ name }) => name));
    const staying = images.filter(({ name, part }) => !part && !names.has(name));
    return images.filter(({ name, part, target }) => part &&
        !names.has(name) &&
        going.some(({ blobs }) => blobs.has(target)) &&
        !staying.some(({ blobs }) => blobs.has(target)));
}

// EXTERNAL MODULE: ./build/engine/archive.js
var archive = __webpack_require__(6565);
;// CONCATENATED MODULE: ./build/cli/save.js




/**
 * `save`: one platform of each image in one archive that docker load, podman load, ctr images import and kind load image-archive accept, the same bytes each time. What
 * the store lacks is pulled first. Returns the exit code; throws what `sendOut` throws.
 */
function saveCommand(references, options, streams, signal) {
    const content = {
        command: 'save',
        make: (images, store) => (0,archive/* imagesArchive */.Z)(nameAll(images), store, { plainZstd: false }),
    };
    return sendOut(references, options, content, streams, signal);
}
const nameAll = (images) => images.map((image) => ({ image, name: archiveName(image.reference) }));
/** A digest alone is no name that every reader takes: it becomes the tag that Docker's graph drivers get, too. */
function archiveName(reference) {
    const { tag, digest } = reference;
    const word = tag === undefined && digest !== undefined ? (0,oci_digest/* digestTag */.t9)(digest) : (tag ?? 'latest');
    return `${(0,oci_reference/* canonicalName */.Ew)(reference)}:${word}`;
}

;// CONCATENATED MODULE: ./build/cli/search.js




const MOST = 100;
const WIDEST = 45;
/** Adds `search` to the commands. */
function addSearch(root, signal, say, remark) {
    root
        .command('search')
        .description('search Docker Hub for repositories')
        .argument('<term>', 'what to look for, such as redis')
        .option('--limit <number>', 'at most so many, up to 100', '25')
        .addOption((0,cli_options/* several */.J$)('-f, --filter <name=value>', 'is-official=true or stars=100'))
        .option('--format <format>', 'table or json', 'table')
        .option('--no-trunc', 'descriptions in full')
        .option('--index <url>', 'another index that is asked as Docker Hub is')
        .addHelpText('after', '\nExample:\n  pull-image search redis --filter is-official=true --limit 5')
        .action((term, options) => searchCommand(term, options, signal, say, remark));
}
/** `search`: a table as Docker prints it, or JSON. Throws INPUT_INVALID for what cannot be asked for, and what keeps Docker Hub from being asked. */
async function searchCommand(term, options, signal, say, remark) {
    if (term.trim() === '')
        throw search_odd('search', 'something to look for', term);
    const search = { term, ...readOptions(options) };
    const found = await searchHub(search, process.env, signal, remark);
    if (options.format === 'json')
        return say((0,clean/* cleanJson */.We)(JSON.stringify(found)));
    for (const line of table(found, options.trunc))
        say(line);
}
function readOptions({ limit, filter, format, index }) {
    const number = Number(limit);
    if (!/^\d+$/.test(limit) || number < 1 || number > MOST)
        throw search_odd('--limit', `a whole number from 1 to ${MOST}`, limit);
    if (format !== 'table' && format !== 'json')
        throw search_odd('--format', 'table or json', format);
    if (index !== undefined && !URL.canParse(index))
        throw search_odd('--index', 'a URL', index);
    const filters = filter.map(search_readFilter);
    return Object.assign({ limit: number, index: index === undefined ? undefined : new URL(index) }, ...filters);
}
function search_readFilter(text) {
    const [, name, value = ''] = /^([\w-]+)=(.*)$/.exec(text) ?? [];
    if (name === 'is-official' && /^(true|false)$/.test(value))
        return { isOfficial: value === 'true' };
    if (name === 'stars' && /^\d+$/.test(value))
        return { stars: Number(value) };
    throw search_odd('--filter', 'is-official=true, is-official=false or stars=<number>', text);
}
function search_odd(option, expected, found) {
    return new errors/* PullError */.YX('INPUT_INVALID', option, `expected ${expected}, found ${JSON.stringify((0,clean/* clean */.uH)(found, 100))}`);
}
function table(found, short) {
    const cut = (text) => (short && text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text);
    const rows = found.map(({ name, description, stars, isOfficial }) => [
        name,
        cut(description),
        `${stars}`,
        isOfficial ? '[OK]' : '',
    ]);
    const all = [['NAME', 'DESCRIPTION', 'STARS', 'OFFICIAL'], ...rows];
    const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
    return all.map((row) => row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('   ')
        .trimEnd());
}

;// CONCATENATED MODULE: ./build/cli/tag.js






/** `tag`: another name for an image of the store. */
function tagCommand() {
    return new esm/* Command */.uB('tag')
        .description('give an image of the store another name')
        .argument('<image>', 'a name, name@digest, or an id')
        .argument('<name>', 'the new name, such as ghcr.io/org/redis:7; what it named before is left to store sweep')
        .option(...cli_options/* STORE */.er)
        .addHelpText('after', '\nExample:\n  pull-image tag redis:7 ghcr.io/org/redis:7')
        .action(async (text, name, options) => {
        const reference = newName(name);
        const { store, care } = await (0,open_store/* careOf */.N)(options.store);
        const [image] = (await readShelf(store, care)).find(text);
        const record = image && (await store.named(image.recorded[0] ?? image.name));
        if (!record)
            throw new errors/* PullError */.YX('NOT_HELD', text, 'no such image in the store');
        await nameTarget(store, reference, record.target, record.readAs);
    });
}

;// CONCATENATED MODULE: ./build/cli/commands.js















/** Adds every command but `pull` and `demo`: a terminal that pulls need not load them. */
function addCommands(root, signal, terminal) {
    const { out, input, say, aside, complain } = terminal;
    (0,cli_options/* withOutgoing */.XM)(root.command('save'))
        .description('write one platform of images as one archive for docker load, podman load, ctr images import or kind')
        .argument('<reference...>', 'images, such as redis:7; pulled first if the store lacks them')
        .addHelpText('after', '\nExample:\n  pull-image save redis:7 --platform linux/arm64 > redis.tar')
        .action(async (references, options) => {
        process.exitCode = await saveCommand(references, options, { out: out, say: aside }, signal);
    });
    root.addCommand(exportCommand({ out: out, say: aside }, signal));
    root.addCommand(importCommand(say, () => input, signal));
    root.addCommand(loadCommand(say, () => input, signal));
    root.addCommand(lsCommand(say));
    root.addCommand(inspectCommand(say));
    root.addCommand(manifestCommand({ say, aside, write: (bytes) => void out.write(bytes) }, signal));
    root.addCommand(rmCommand(say, complain));
    root.addCommand(tagCommand());
    root.addCommand(indexCommand(say));
    addPush(root, signal, process, terminal.exitWith);
    addLogin(root, signal, input, say, complain);
    addSearch(root, signal, say, complain);
    root
        .addCommand(lockProgram(signal, aside))
        .addCommand(serveProgram(signal, say, input))
        .addCommand(storeProgram(say));
}
function lockProgram(signal, aside) {
    return new esm/* Command */.uB('lock')
        .description('write the digests that images have now into a lock file; pulls none of them')
        .argument('[reference...]', 'images, such as redis:7 (default: those the file has, if there are no --files)')
        .addOption((0,cli_options/* files */.aq)())
        .option('--lock-file <file>', 'the file to write', 'pull-image.lock.json')
        .option('--check', 'write nothing; exit with 1 if the file is not what it would be')
        .option('--all-tags', 'every tag of each repository')
        .addOption((0,cli_options/* tags */._A)())
        .option(...cli_options/* MAX_TAGS */.x3)
        .option(...cli_options/* STORE */.er)
        .addOption((0,cli_options/* mirrors */.VN)())
        .addOption((0,cli_options/* insecureRegistries */.GW)())
        .addHelpText('after', '\nExample:\n  pull-image lock --files compose.yml')
        .action(async (references, options) => {
        const { lockCommand } = await __webpack_require__.e(/* import() */ 798).then(__webpack_require__.bind(__webpack_require__, 8798));
        process.exitCode = await lockCommand(references, options, signal, aside);
    });
}
function serveProgram(signal, say, input) {
    return new esm/* Command */.uB('serve')
        .description('serve the store as a registry on this machine, to be pulled from and pushed to, until it is stopped')
        .option('--port <port>', 'the port to listen on; 0 for any that is free', '5000')
        .option('--host <address>', 'the address to listen on; there is no login, so others on the network could push', '127.0.0.1')
        .option('--read-through', 'fetch what the store does not hold from its registry, as a mirror does')
        .option(...cli_options/* STORE */.er)
        .addOption((0,cli_options/* mirrors */.VN)())
        .addOption((0,cli_options/* insecureRegistries */.GW)())
        .option('--max-concurrent-downloads <number>', 'connections to each registry, with --read-through (default: 8)')
        .addOption(new esm/* Option */.c$('--inputs-stdin').hideHelp())
        .addHelpText('after', '\nExample:\n  pull-image serve --read-through &\n  docker pull localhost:5000/library/redis:7')
        .action(async (options) => {
        const { serveCommand } = await __webpack_require__.e(/* import() */ 196).then(__webpack_require__.bind(__webpack_require__, 9196));
        process.exitCode = await serveCommand(options, signal, say, input);
    });
}
function storeProgram(say) {
    const commands = () => __webpack_require__.e(/* import() */ 104).then(__webpack_require__.bind(__webpack_require__, 104));
    const store = new esm/* Command */.uB('store')
        .description('look after the layer store')
        .addHelpText('after', '\nExample:\n  pull-image store verify');
    store
        .command('ls')
        .description('list the images of the store and when each was used, the last first')
        .option(...cli_options/* STORE */.er)
        .addHelpText('after', '\nExample:\n  pull-image store ls')
        .action(async (options) => {
        process.exitCode = await (await commands()).storeLs(options, say);
    });
    store
        .command('verify')
        .description('hash every blob again, and remove those that are wrong')
        .option(...cli_options/* STORE */.er)
        .addHelpText('after', '\nExample:\n  pull-image store verify --store /mnt/images')
        .action(async (options) => {
        process.exitCode = await (await commands()).storeVerify(options, say);
    });
    store
        .command('sweep')
        .description('remove the least recently used images until the rest fits; never what a job uses')
        .requiredOption('--max-size <size>', 'what the store may take, such as 20GB')
        .option(...cli_options/* STORE */.er)
        .addHelpText('after', '\nExample:\n  pull-image store sweep --max-size 5GB')
        .action(async (options) => {
        process.exitCode = await (await commands()).storeSweep(options, say);
    });
    return store;
}


/***/ }),

/***/ 1041:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   N: () => (/* binding */ careOf),
/* harmony export */   Q: () => (/* binding */ openOrMake)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9473);
/* harmony import */ var _oci_layout_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2470);
/* harmony import */ var _wire_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(8706);
/* harmony import */ var _store_path_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(1482);






/** The store that was asked for, only if it is there: a typing error must not make one. Throws STORE_UNUSABLE. */
async function careOf(asked) {
    const root = (0,_store_path_js__WEBPACK_IMPORTED_MODULE_5__/* .storePath */ .T)(asked);
    try {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.access)(node_path__WEBPACK_IMPORTED_MODULE_1__.join(root, _oci_layout_js__WEBPACK_IMPORTED_MODULE_3__/* .LAYOUT_FILE */ .gI));
    }
    catch (cause) {
        const hint = 'Pull an image first, or name the store with --store.';
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .PullError */ .YX('STORE_UNUSABLE', root, 'no layer store there', { hint, cause });
    }
    return openOrMake(asked);
}
/** The store that was asked for, made if it is not there; throws STORE_UNUSABLE. */
async function openOrMake(asked) {
    const root = (0,_store_path_js__WEBPACK_IMPORTED_MODULE_5__/* .storePath */ .T)(asked);
    const { store, care } = await (0,_wire_js__WEBPACK_IMPORTED_MODULE_4__/* .openCare */ .u2)(root, process.env);
    return { root, store, care };
}


/***/ }),

/***/ 6565:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Z: () => (/* binding */ imagesArchive),
/* harmony export */   q: () => (/* binding */ imageArchive)
/* harmony export */ });
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1564);
/* harmony import */ var _oci_layout_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2470);
/* harmony import */ var _tar_bounds_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(3027);
/* harmony import */ var _tar_tar_file_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6586);
/* harmony import */ var _tar_zstd_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(5545);





/**
 * One platform of an image as a tar stream in both formats at once: an OCI layout (image-spec v1.1, image-layout.md), which engines that keep manifests read,
 * and `manifest.json`, which the others read. No temp file; a blob that is not what its digest says ends the stream with the store's own error before the last
 * of its bytes.
 */
function imageArchive(image, source, { name, ...options }) {
    return imagesArchive([{ image, name }], source, options);
}
/** Several images as one such archive, what they share once. */
async function* imagesArchive(images, source, options) {
    yield* file(_oci_layout_js__WEBPACK_IMPORTED_MODULE_1__/* .LAYOUT_FILE */ .gI, Buffer.from(_oci_layout_js__WEBPACK_IMPORTED_MODULE_1__/* .LAYOUT_CONTENT */ .FO));
    yield* file(_oci_layout_js__WEBPACK_IMPORTED_MODULE_1__/* .INDEX_FILE */ .K$, Buffer.from(JSON.stringify(indexOf(images))));
    yield* file('manifest.json', Buffer.from(JSON.stringify(manifestJson(images))));
    const documents = new Map(images.flatMap(({ image }) => image.documents.map((each) => [each.digest, each])));
    for (const { digest, bytes } of documents.values())
        yield* file((0,_oci_layout_js__WEBPACK_IMPORTED_MODULE_1__/* .blobPath */ .nD)(digest), bytes);
    const all = images.flatMap(({ image: { manifest } }) => [manifest.config, ...manifest.layers]);
    const blobs = new Map(all.map((blob) => [blob.digest, blob]));
    for (const blob of blobs.values()) {
        if (options.omitted?.has(blob.digest))
            continue;
        if (options.plainZstd && (await beginsAsZstd(blob, source)))
            yield* plainEntry(blob, source);
        else
            yield* (0,_tar_tar_file_js__WEBPACK_IMPORTED_MODULE_3__/* .tarFile */ .I)((0,_oci_layout_js__WEBPACK_IMPORTED_MODULE_1__/* .blobPath */ .nD)(blob.digest), blob.size, source.open(blob));
    }
    yield (0,_tar_tar_file_js__WEBPACK_IMPORTED_MODULE_3__/* .tarEnd */ .J)();
}
const file = (name, bytes) => (0,_tar_tar_file_js__WEBPACK_IMPORTED_MODULE_3__/* .tarFile */ .I)(name, bytes.byteLength, [bytes]);
function indexOf(images) {
    const manifests = images.map(({ image: { target }, name }) => {
        const { mediaType, digest, size } = target;
        const tag = name.includes('@') ? undefined : /:([^:/]+)$/.exec(name)?.[1];
        const annotations = { [_oci_layout_js__WEBPACK_IMPORTED_MODULE_1__/* .CONTAINERD_NAME */ .M8]: name, ...(tag === undefined ? {} : { [_oci_layout_js__WEBPACK_IMPORTED_MODULE_1__/* .REF_NAME */ .w5]: tag }) };
        return { mediaType, digest, size, annotations };
    });
    return { schemaVersion: 2, manifests };
}
/** One entry an image, with all its names: Docker would load it twice. */
function manifestJson(images) {
    const entries = new Map();
    for (const { image, name } of images) {
        const { config, layers } = image.manifest;
        const entry = entries.get(image.target.digest) ?? {
            Config: (0,_oci_layout_js__WEBPACK_IMPORTED_MODULE_1__/* .blobPath */ .nD)(config.digest),
            RepoTags: [],
            Layers: layers.map(({ digest }) => (0,_oci_layout_js__WEBPACK_IMPORTED_MODULE_1__/* .blobPath */ .nD)(digest)),
        };
        if (!name.includes('@'))
            entry.RepoTags.push(name);
        entries.set(image.target.digest, entry);
    }
    return [...entries.values()];
}
async function beginsAsZstd(blob, source) {
    for await (const chunk of source.open(blob))
        return (0,_tar_zstd_js__WEBPACK_IMPORTED_MODULE_4__/* .isZstd */ .o)(chunk);
    return false;
}
/** The size stands before the bytes, so they are unpacked twice: engines this old are rare, and memory stays flat. */
async function* plainEntry(blob, source) {
    let size = 0;
    for await (const chunk of plain(blob, source))
        size += chunk.byteLength;
    yield* (0,_tar_tar_file_js__WEBPACK_IMPORTED_MODULE_3__/* .tarFile */ .I)((0,_oci_layout_js__WEBPACK_IMPORTED_MODULE_1__/* .blobPath */ .nD)(blob.digest), size, plain(blob, source));
}
function plain(blob, source) {
    const subject = `layer ${(0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .shortDigest */ .VK)(blob.digest)}`;
    return (0,_tar_bounds_js__WEBPACK_IMPORTED_MODULE_2__/* .bounded */ .Mm)((0,_tar_zstd_js__WEBPACK_IMPORTED_MODULE_4__/* .unzstd */ .h)(source.open(blob), subject), () => blob.size, subject);
}


/***/ }),

/***/ 4539:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   I: () => (/* binding */ findEntries),
/* harmony export */   M: () => (/* binding */ entriesOf)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1525);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(907);



/** Names as people mean them, in their order; what is no reference is left out. */
function entriesOf(images) {
    const groups = new Map();
    for (const image of images) {
        const reference = readable(image.name);
        if (!reference)
            continue;
        const key = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .canonicalReference */ .Ys)(reference);
        const group = groups.get(key) ?? { reference, images: [] };
        groups.set(key, group);
        group.images.push(image);
    }
    const entries = [...groups.values()].map(({ reference, images: [first, ...others] }) => first && entryOf(reference, first, others));
    const all = entries.filter((entry) => entry !== undefined);
    return all.map((entry) => ({ ...entry, part: isPart(entry, all) }));
}
function entryOf(reference, first, others) {
    const { target, bytes, blobs } = first;
    const recorded = [first, ...others].map(({ name }) => name);
    const usedAt = Math.max(...[first, ...others].map((image) => image.usedAt));
    return { reference, name: (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .familiarReference */ .ZD)(reference), recorded, target, bytes, blobs, usedAt, part: false };
}
/** A name without a tag in the repository of another whose image it belongs to. */
function isPart(entry, all) {
    if (entry.reference.tag !== undefined)
        return false;
    const repository = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .familiarName */ .hG)(entry.reference);
    return all.some((other) => other.target !== entry.target && (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .familiarName */ .hG)(other.reference) === repository && other.blobs.has(entry.target));
}
function readable(name) {
    try {
        return (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .withDefaultTag */ ._t)((0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .parseReference */ .F2)(name));
    }
    catch (error) {
        if (error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX)
            return undefined;
        throw error;
    }
}
const ID = /^(?:sha256:)?([0-9a-f]{4,64})$/;
/**
 * The entries a text means: those of a name, or, where none has it, all of the one image with this id or beginning of an id (4 hex digits and more, of the target or of
 * a config). Throws NOT_HELD if there is none, INPUT_INVALID if several images begin so.
 */
function findEntries(text, entries, idsOf) {
    const reference = readable(text);
    const wanted = reference && (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .canonicalReference */ .Ys)(reference);
    const named = entries.filter((entry) => (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .canonicalReference */ .Ys)(entry.reference) === wanted);
    const pinned = reference?.digest === undefined ? named : [...named, ...byDigest(reference, entries)];
    if (pinned.length > 0)
        return [...new Set(pinned)];
    const hex = ID.exec(text)?.[1];
    const found = hex === undefined ? [] : entries.filter((entry) => idsOf(entry).some((id) => id.startsWith(`sha256:${hex}`)));
    const targets = new Set(found.map(({ target }) => target));
    if (found.length === 0)
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('NOT_HELD', (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)(text, 300), 'no such image in the store', {
            hint: 'pull-image ls lists what there is.',
        });
    // A platform that has a name of its own lies in the image, too.
    const whole = found.filter(({ part }) => !part);
    if (new Set(whole.map(({ target }) => target)).size > 1 || (whole.length === 0 && targets.size > 1))
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('INPUT_INVALID', (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)(text, 300), `the beginning of ${targets.size} ids`, {
            hint: 'Write more digits, or a name.',
        });
    return whole.length > 0 ? whole : found;
}
/** `name@digest` is whatever of the repository points to the digest. */
const byDigest = (reference, entries) => entries.filter((entry) => entry.target === reference.digest && (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .familiarName */ .hG)(entry.reference) === (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .familiarName */ .hG)(reference));


/***/ }),

/***/ 1812:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   tagFilter: () => (/* binding */ tagFilter)
/* harmony export */ });
/* harmony import */ var node_vm__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(714);
/* harmony import */ var picomatch__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(4006);
/* harmony import */ var semver__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2088);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9473);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(1525);





/** Tags have neither blanks nor slashes nor signs of comparison (distribution-spec v1.1, "Pulling manifests"), so such a glob matches none. */
const NOT_IN_A_TAG = /[\s/<>=~]/;
const OPTIONS = { dot: true, nonegate: true, windows: false };
const EXPRESSION = /^\/(.*)\/([a-z]*)$/s;
/** A comparison at the start, or what only ranges have between versions. */
const RANGE = /^[<>=~^]|\s-\s|\|\||^v?\d+(?:\.[\dx*]+)*\s+[<>=~^]/;
const HINT = 'Write globs such as 7.*, *-alpine or !*-rc*, version ranges such as >=7 <8 or ^7.2, or /regular expressions/.';
/** All tags of one repository against one expression: a sound one takes milliseconds for 100,000 tags, one that backtracks without end never returns. */
const EXPRESSION_MS = 2_000;
/**
 * The tags, in their order, that match one of the patterns and none of those after a `!`; patterns after `!` alone narrow all tags, no patterns at all take every
 * tag. A pattern is a glob, a version range or a `/regular expression/` with the flags `i` and `u`; case counts unless `i` says otherwise. Throws INPUT_INVALID
 * for a pattern that no tag can match, and when one takes longer than 2 s.
 */
function tagFilter(patterns) {
    const read = patterns.map(readPattern);
    const takes = read.filter(({ negated }) => !negated);
    const drops = read.filter(({ negated }) => negated);
    return (tags) => {
        const taken = takes.length === 0 ? new Set(tags) : union(takes, tags);
        const dropped = union(drops, [...taken]);
        return tags.filter((tag) => taken.has(tag) && !dropped.has(tag));
    };
}
const union = (patterns, tags) => new Set(patterns.flatMap(({ matches }) => matches(tags)));
function readPattern(pattern) {
    // `!(a|b)` is a glob of its own, not the negation of `(a|b)`; the result is the same only where it stands alone.
    const negated = /^!(?!\()/.test(pattern);
    const text = negated ? pattern.slice(1).trim() : pattern;
    const expression = EXPRESSION.exec(text);
    if (expression)
        return { negated, matches: expressionPattern(expression[1] ?? '', expression[2] ?? '', pattern) };
    if (RANGE.test(text))
        return { negated, matches: rangePattern(text, pattern) };
    if (text === '' || NOT_IN_A_TAG.test(text))
        throw invalid('expected a glob, a range or an expression over tags', pattern);
    return { negated, matches: inTime(picomatch__WEBPACK_IMPORTED_MODULE_4__.makeRe(text, OPTIONS), pattern, 'Write fewer * in it.') };
}
function rangePattern(text, pattern) {
    let range;
    try {
        // Ubuntu's 22.04 is no version to semver, neither here nor in a tag.
        range = new semver__WEBPACK_IMPORTED_MODULE_1__.Range(text.replace(/(?<![\w-])0+(?=\d)/g, ''));
    }
    catch {
        throw invalid('expected a version range', pattern);
    }
    return (tags) => tags.filter((tag) => {
        const version = versionOf(tag);
        return version !== undefined && range.test(version);
    });
}
const VERSION = /^v?(\d{1,15})(?:\.(\d{1,15}))?(?:\.(\d{1,15}))?(?:-(.+))?$/;
/**
 * The version a tag stands for: `7` is 7.0.0, `22.04` is 22.4.0, `v1.2` is 1.2.0. What follows a `-` makes it a pre-release, as semver has it, so that a range takes
 * neither `8.0-rc1` nor `7.2-alpine` unless it names such a one itself. Undefined for any other tag.
 */
function versionOf(tag) {
    const [, major, minor = '0', patch = '0', suffix] = VERSION.exec(tag) ?? [];
    if (major === undefined)
        return undefined;
    const numbers = [major, minor, patch].map(Number).join('.');
    try {
        return new semver__WEBPACK_IMPORTED_MODULE_1__.SemVer(suffix === undefined ? numbers : `${numbers}-${suffix}`);
    }
    catch {
        return undefined;
    }
}
function expressionPattern(source, flags, pattern) {
    if (!/^[iu]*$/.test(flags))
        throw invalid(`expected no flags but i and u after the expression, not ${JSON.stringify((0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_3__/* .clean */ .uH)(flags, 20))}`, pattern);
    let expression;
    try {
        expression = new RegExp(source, flags);
    }
    catch (cause) {
        const reason = cause instanceof Error ? (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_3__/* .clean */ .uH)(cause.message, 300) : 'not an expression';
        throw invalid(`expected a regular expression (${reason})`, pattern);
    }
    return inTime(expression, pattern, 'Avoid repetitions inside repetitions, such as (a+)+, or use a glob.');
}
/** Runs where a time limit ends it: tags are somebody else's text, and an expression, or the stars of a glob, may take exponential time on some. */
function inTime(expression, pattern, hint) {
    return (tags) => {
        const context = (0,node_vm__WEBPACK_IMPORTED_MODULE_0__.createContext)({ expression, tags, taken: [] });
        try {
            new node_vm__WEBPACK_IMPORTED_MODULE_0__.Script('for (const tag of tags) if (expression.test(tag)) taken.push(tag)').runInContext(context, {
                timeout: EXPRESSION_MS,
            });
        }
        catch (cause) {
            const found = `${JSON.stringify((0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_3__/* .clean */ .uH)(pattern, 200))} had not been held against the tags after ${EXPRESSION_MS / 1000} s`;
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .PullError */ .YX('INPUT_INVALID', 'tags', found, { hint, cause });
        }
        return context.taken;
    };
}
function invalid(reason, pattern) {
    return new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .PullError */ .YX('INPUT_INVALID', 'tags', `${reason}, found ${JSON.stringify((0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_3__/* .clean */ .uH)(pattern, 200))}`, {
        hint: HINT,
    });
}


/***/ }),

/***/ 391:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   parseYamlTexts: () => (/* binding */ parseYamlTexts)
/* harmony export */ });
/* harmony import */ var yaml__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8815);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9473);


const HINT = 'Write YAML, and a password between single quotes.';
/**
 * The value of a YAML document whose scalars are all texts, as they were written: `0123` and `no` stay what they are, and what is left empty is the empty
 * text. Throws INPUT_INVALID with the line; no word of the document comes into the message, for it may be a secret.
 */
function parseYamlTexts(text, subject) {
    const lines = new yaml__WEBPACK_IMPORTED_MODULE_0__/* .LineCounter */ .HN();
    const document = (0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .parseDocument */ .Tp)(text, { schema: 'failsafe', prettyErrors: false, lineCounter: lines });
    const fault = document.errors[0] ?? document.warnings[0];
    if (fault) {
        const { line } = lines.linePos(fault.pos[0]);
        const reason = `line ${line} is not YAML (${fault.code.toLowerCase().replaceAll('_', ' ')})`;
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX('INPUT_INVALID', subject, reason, { hint: HINT });
    }
    try {
        return document.toJS();
    }
    catch {
        // An alias without its anchor: its name is what somebody meant to be a password.
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX('INPUT_INVALID', subject, 'a text that begins with * needs quotes', { hint: HINT });
    }
}


/***/ }),

/***/ 3027:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Mm: () => (/* binding */ bounded),
/* harmony export */   QT: () => (/* binding */ BOUNDS),
/* harmony export */   fk: () => (/* binding */ UNBOUNDED)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _lib_format_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(177);


/** Layers of programs and data unpack to three or four times their size; what reaches both is made to fill a disk. */
const BOUNDS = { free: 16 * 1024 ** 3, ratio: 200 };
/** For what was packed here. */
const UNBOUNDED = { free: Number.POSITIVE_INFINITY, ratio: 1 };
/** The bytes as they come, `packed` telling out of how many; throws UNSUPPORTED about the subject as soon as they are more than the bounds let pass. */
async function* bounded(plain, packed, subject, { free, ratio } = BOUNDS) {
    let bytes = 0;
    for await (const chunk of plain) {
        bytes += chunk.byteLength;
        if (bytes > free && bytes > ratio * packed())
            throw tooMuch(packed(), subject, { free, ratio });
        yield chunk;
    }
}
function tooMuch(packed, subject, { free, ratio }) {
    const reason = `${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_1__/* .formatBytes */ .z3)(packed)} unpack to more than ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_1__/* .formatBytes */ .z3)(Math.max(free, ratio * packed))}, ${ratio} times as much, and are taken for a decompression bomb`;
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('UNSUPPORTED', subject, reason, { hint: 'Do not unpack it where its size could do harm.' });
}


/***/ }),

/***/ 6586:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   I: () => (/* binding */ tarFile),
/* harmony export */   J: () => (/* binding */ tarEnd)
/* harmony export */ });
/* harmony import */ var tar_header__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6532);
/* harmony import */ var tar_pax__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(750);


const BLOCK = 512;
/** One regular file of a tar (POSIX pax where a plain header cannot say it), mode 0644, owned by root, dated 1970: the same bytes each time. */
async function* tarFile(name, size, content) {
    const header = new tar_header__WEBPACK_IMPORTED_MODULE_0__/* .Header */ .Y({ path: name, size, mode: 0o644, type: 'File', uid: 0, gid: 0, mtime: new Date(0) });
    header.encode();
    if (header.needPax)
        yield new tar_pax__WEBPACK_IMPORTED_MODULE_1__/* .Pax */ .u({ path: name, size }).encode();
    if (header.block)
        yield header.block;
    yield* content;
    const rest = size % BLOCK;
    if (rest > 0)
        yield Buffer.alloc(BLOCK - rest);
}
/** What ends a tar. */
const tarEnd = () => Buffer.alloc(2 * BLOCK);


/***/ }),

/***/ 5545:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   h: () => (/* binding */ unzstd),
/* harmony export */   o: () => (/* binding */ isZstd)
/* harmony export */ });
/* harmony import */ var node_stream__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7075);
/* harmony import */ var node_stream_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6466);
/* harmony import */ var node_zlib__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8522);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9473);




const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
/** True for bytes that begin as a zstd frame, skippable ones included (RFC 8878 §3.1): a media type may lie, the magic number does not. */
function isZstd(head) {
    if (head.byteLength < 4)
        return false;
    const magic = Buffer.from(head.subarray(0, 4)).readUInt32LE();
    return magic === FRAME || isSkippable(magic);
}
/** What zstd data holds, however many frames it has. Throws UNSUPPORTED if it is not what it seems or this Node cannot unpack it, and what `chunks` throws as it is. */
async function* unzstd(chunks, subject) {
    // A static import of the name would not even link on Node 20.
    const create = node_zlib__WEBPACK_IMPORTED_MODULE_2__.createZstdDecompress;
    if (!create) {
        const reason = `is zstd, which Node ${process.version} does not unpack`;
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX('UNSUPPORTED', subject, reason, {
            hint: 'Run on Node 22.15 or later. Layers of images Docker unpacks itself from 23 on.',
        });
    }
    const plain = create();
    let own = true;
    const source = node_stream__WEBPACK_IMPORTED_MODULE_0__.Readable.from(splitAtFrames(noting(chunks, () => (own = false))));
    const written = (0,node_stream_promises__WEBPACK_IMPORTED_MODULE_1__.pipeline)(source, plain);
    // The reader below is told of the same failure.
    written.catch(() => { });
    try {
        yield* plain;
    }
    catch (error) {
        if (!own)
            throw error;
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX('UNSUPPORTED', subject, `begins as zstd, but cannot be unpacked: ${error.message}`, {
            cause: error,
        });
    }
}
/** The chunks; tells if their own iteration throws. */
async function* noting(chunks, failed) {
    const iterator = chunks[Symbol.asyncIterator]();
    try {
        for (;;) {
            const next = await iterator.next().catch((error) => {
                failed();
                throw error;
            });
            if (next.done)
                return;
            yield next.value;
        }
    }
    finally {
        await iterator.return?.();
    }
}
/** The same bytes, no chunk reaching over the end of a frame: Node drops what a chunk holds behind it. */
async function* splitAtFrames(chunks) {
    const upToFrameEnd = frameMeter();
    for await (const chunk of chunks) {
        for (let rest = chunk; rest.byteLength > 0;) {
            const length = upToFrameEnd(rest);
            yield rest.subarray(0, length);
            rest = rest.subarray(length);
        }
    }
}
/** Says of each piece, fed in order, how many of its bytes belong to the frame that is under way. */
function frameMeter() {
    let walk = walkFrame();
    let wish = walk.next().value;
    let held = Buffer.alloc(0);
    return (piece) => {
        let at = 0;
        while (wish !== undefined && at < piece.byteLength) {
            const taken = Math.min(wish.bytes, piece.byteLength - at);
            if (wish.read)
                held = Buffer.concat([held, piece.subarray(at, at + taken)]);
            at += taken;
            wish = { ...wish, bytes: wish.bytes - taken };
            while (wish !== undefined && wish.bytes === 0) {
                wish = walk.next(held).value ?? undefined;
                held = Buffer.alloc(0);
            }
        }
        if (wish === undefined) {
            walk = walkFrame();
            wish = walk.next().value;
        }
        return at;
    };
}
const read = (bytes) => ({ bytes, read: true });
const skip = (bytes) => ({ bytes, read: false });
const isSkippable = (magic) => (magic & 0xfffffff0) >>> 0 === SKIPPABLE;
/** RFC 8878 §3.1.1 and §3.1.2: from the magic number to the last byte of one frame. */
function* walkFrame() {
    const magic = (yield read(4)).readUInt32LE();
    if (isSkippable(magic)) {
        yield skip((yield read(4)).readUInt32LE());
        return;
    }
    // Not a frame: whoever unpacks it will complain.
    if (magic !== FRAME)
        yield skip(Number.POSITIVE_INFINITY);
    const descriptor = (yield read(1)).readUInt8();
    const single = (descriptor & 0x20) !== 0;
    const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
    const contentSize = descriptor >> 6 === 0 ? Number(single) : 1 << (descriptor >> 6);
    yield skip(Number(!single) + dictionary + contentSize);
    for (;;) {
        const block = (yield read(3)).readUIntLE(0, 3);
        const isRle = ((block >> 1) & 3) === 1;
        yield skip(isRle ? 1 : block >> 3);
        if (block & 1)
            break;
    }
    if (descriptor & 4)
        yield skip(4);
    return undefined;
}


/***/ })

};
