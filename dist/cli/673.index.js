export const id = 673;
export const ids = [673];
export const modules = {

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

/***/ 4673:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  connectContainerd: () => (/* binding */ connectContainerd)
});

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
// EXTERNAL MODULE: ./build/oci/platform.js
var oci_platform = __webpack_require__(4647);
// EXTERNAL MODULE: ./build/oci/platform-match.js + 1 modules
var platform_match = __webpack_require__(2831);
// EXTERNAL MODULE: ./build/oci/reference.js
var oci_reference = __webpack_require__(907);
// EXTERNAL MODULE: ./build/engine/containerd-facts.js
var containerd_facts = __webpack_require__(9804);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/oci/descriptor.js
var descriptor = __webpack_require__(6937);
// EXTERNAL MODULE: ./build/engine/archive.js
var engine_archive = __webpack_require__(6565);
// EXTERNAL MODULE: ./build/engine/engine-failed.js
var engine_failed = __webpack_require__(2399);
;// CONCATENATED MODULE: ./build/engine/containerd-import.js





/** Milliseconds to take a name away in, also when the run is cancelled. */
const FORGET_MS = 60_000;
/** True if a pull stumbled over what containerd kept of a layer: each pull goes on behind it, whatever it is. */
const isStuck = (error) => error instanceof errors/* PullError */.YX && error.code === 'ENGINE_FAILED' && /failed commit on ref/i.test(error.reason);
/**
 * Runs a task while containerd holds every blob of the image by another way than a pull: what it keeps of them half-way is not asked for then. They come as
 * an archive, under a name of their own that is gone afterwards. Throws the source's own errors, and ENGINE_FAILED with both failures if the import fails too.
 */
async function whileImported(ctr, image, source, { title, name, stuck }, task) {
    const manifest = image.documents.at(-1);
    // The manifest alone: an import writes into an index which of its platforms are there, and there may be more than this one.
    const target = manifest ? (0,descriptor/* descriptorOf */.n)(manifest) : image.target;
    const own = `pull-image.invalid/import:${(0,external_node_crypto_.randomUUID)()}`;
    const archive = (0,engine_archive/* imageArchive */.q)({ ...image, target }, source, { name: own, plainZstd: false });
    try {
        const { code, stderr } = await ctr(['images', 'import', '--no-unpack', '-'], undefined, archive);
        if (code !== 0)
            throw (0,engine_failed/* engineFailed */.a)(title, `loading ${name}`, `imported instead: ${lastError(stderr)}; before that, ${stuck.reason}`);
        return await task();
    }
    finally {
        await ctr(['images', 'rm', own], AbortSignal.timeout(FORGET_MS)).catch(() => { });
    }
}
/** The line of what `ctr` says that says why. */
function lastError(stderr) {
    const lines = stderr.trim().split('\n');
    return lines.findLast((line) => line.startsWith('ctr: '))?.slice('ctr: '.length) ?? stderr;
}

// EXTERNAL MODULE: ./build/oci/digest.js
var oci_digest = __webpack_require__(1564);
;// CONCATENATED MODULE: ./build/engine/containerd-tables.js


/** The rows of `ctr images check`: name, type, digest, status with blanks in it, size, and whether it is unpacked. What is no such row is left out. */
function parseImages(table) {
    return table.split('\n').flatMap((line) => {
        const [name = '', , digest = '', ...rest] = line.trim().split(/\s+/);
        return (0,oci_digest/* isDigest */.Bc)(digest) ? [{ name, digest, unpacked: rest.at(-1) === 'true' }] : [];
    });
}
/** The platforms in the rows of `ctr images ls`: name, type, digest, size with a blank in it, platforms with commas between them, and labels. */
function parsePlatforms(table) {
    return table.split('\n').flatMap((line) => {
        const [, , digest = '', ...rest] = line.trim().split(/\s+/);
        const listed = (0,oci_digest/* isDigest */.Bc)(digest) ? rest.find((column) => column.includes('/')) : undefined;
        return listed?.split(',').map((name) => (0,oci_platform/* formatPlatform */.Bq)((0,oci_platform/* normalizePlatform */.FL)(partsOf(name)))) ?? [];
    });
}
function partsOf(name) {
    const [os = '', architecture = '', variant] = name.split('/');
    return { os, architecture, variant };
}

// EXTERNAL MODULE: ./build/engine/offer.js
var offer = __webpack_require__(8173);
// EXTERNAL MODULE: ./build/engine/program.js
var program = __webpack_require__(6463);
;// CONCATENATED MODULE: ./build/engine/containerd.js













/**
 * The containerd daemon of `CONTAINERD_ADDRESS`, namespace `CONTAINERD_NAMESPACE` or `default`, through the `ctr` command: 1.5 and later. Throws
 * ENGINE_UNAVAILABLE if it does not answer.
 */
async function connectContainerd(options) {
    const facts = await (0,containerd_facts/* containerdFacts */.L)(options.environment, options.signal, options.pingMs ?? 10_000);
    return containerd(facts, options);
}
function containerd({ title, environment, pullOptions }, { signal, offerImage, loadMs = 30 * 60_000 }) {
    const platform = (0,oci_platform/* normalizePlatform */.FL)((0,oci_platform/* hostPlatform */.ol)());
    const ctr = (args, until = signal, input) => (0,program/* run */.e)('ctr', args, { environment, signal: until, timeoutMs: loadMs, input });
    async function ask(doing, ...args) {
        const { code, stdout, stderr } = await ctr(args);
        if (code !== 0)
            throw (0,engine_failed/* engineFailed */.a)(title, doing, lastError(stderr));
        return stdout;
    }
    const filterOf = (name) => `name==${JSON.stringify(name)}`;
    const check = (name) => ['images', 'check', filterOf(name)];
    const named = async (name) => parseImages(await ask(`inspecting ${(0,clean/* clean */.uH)(name)}`, ...check(name)))[0];
    async function holds(image) {
        const held = new Set((await ask('listing content', 'content', 'ls', '--quiet')).split('\n').map((it) => it.trim()));
        const { manifest, documents } = image;
        const needed = [...documents, manifest.config, ...manifest.layers];
        return needed.every(({ digest }) => held.has(digest));
    }
    const runsHere = (image) => (0,platform_match/* choosePlatform */.xV)([image], (it) => it.platform, platform, { strict: false }) !== undefined;
    async function held(image) {
        const name = nameOf(image.reference);
        const found = await named(name);
        if (found?.digest !== image.target.digest || !(await holds(image)))
            return undefined;
        // What is not unpacked would be when it is first run; a failure then would come too late.
        if (runsHere(image) && !found.unpacked)
            return undefined;
        const byDigest = await named(digestName(image));
        return {
            manifest: manifestOf(image),
            imageId: image.target.digest,
            local: name,
            digestRunnable: byDigest?.digest === image.target.digest,
        };
    }
    /** The same image under another name is there for good: it only needs this name too. */
    async function elsewhere(image) {
        const filter = `target.digest==${image.target.digest}`;
        const [found] = parseImages(await ask('listing images', 'images', 'check', filter));
        if (!found || !(await holds(image)) || (runsHere(image) && !found.unpacked))
            return undefined;
        return found.name;
    }
    /** Gives what is there under one name the names it is to have. */
    async function name(image, from) {
        for (const each of new Set([nameOf(image.reference), digestName(image)]))
            if (each !== from)
                await ask(`naming ${each}`, 'images', 'tag', '--force', from, each);
    }
    async function pull(image, source, name) {
        const { reference } = image;
        const folder = await (0,promises_.mkdtemp)(external_node_path_.join((0,external_node_os_.tmpdir)(), 'pull-image-containerd-'));
        try {
            const offered = { image, source, tag: reference.tag ?? 'latest', signal };
            await (0,offer/* whileOffered */.r)(offerImage, offered, async (offer, until) => {
                await (0,promises_.mkdir)(external_node_path_.join(folder, reference.domain));
                await (0,promises_.writeFile)(external_node_path_.join(folder, reference.domain, 'hosts.toml'), redirected(offer));
                const hosts = ['--hosts-dir', folder, '--platform', (0,oci_platform/* formatPlatform */.Bq)(image.platform)];
                const { code, stderr } = await ctr(['images', 'pull', ...pullOptions, ...hosts, name], until);
                if (code !== 0)
                    throw (0,engine_failed/* engineFailed */.a)(title, `loading ${name}`, lastError(stderr));
            });
        }
        finally {
            await (0,promises_.rm)(folder, { recursive: true, force: true });
        }
    }
    /** As a pull; if that stumbles over what containerd kept of a layer, once more with the layers imported first. */
    async function bring(image, source, name) {
        try {
            await pull(image, source, name).catch((error) => {
                if (!isStuck(error))
                    throw error;
                return whileImported(ctr, image, source, { title, name, stuck: error }, () => pull(image, source, name));
            });
        }
        catch (error) {
            await forget(image, name);
            throw error;
        }
    }
    /** The name is given before the layers are unpacked: it must not stay on what failed, nor on what was cancelled. */
    async function forget(image, name) {
        const until = AbortSignal.timeout(FORGET_MS);
        const checked = await ctr(check(name), until).catch(() => undefined);
        const [found] = parseImages(checked?.stdout ?? '');
        if (found?.digest === image.target.digest && !found.unpacked)
            await ctr(['images', 'rm', name], until).catch(() => { });
    }
    return {
        title,
        platform,
        holdsPlatforms: true,
        async find(name) {
            const reference = (0,oci_reference/* parseReference */.F2)(name);
            // Where a digest is given, the tag is but a word beside it.
            const found = await named(nameOf(reference.digest ? { ...reference, tag: undefined } : reference));
            if (!found?.unpacked)
                return undefined;
            const byDigest = await named(`${(0,oci_reference/* canonicalName */.Ew)(reference)}@${found.digest}`);
            const digests = byDigest ? [found.digest] : [];
            const listed = parsePlatforms(await ask(`inspecting ${found.name}`, 'images', 'ls', filterOf(found.name)));
            // What is unpacked may be for a machine that this one can stand for.
            const own = listed.includes((0,oci_platform/* formatPlatform */.Bq)(platform)) ? platform : undefined;
            return { imageId: found.digest, digests, local: found.name, whole: false, platform: own };
        },
        async present(image) {
            const found = await held(image);
            if (found)
                return found;
            const other = await elsewhere(image);
            if (other === undefined)
                return undefined;
            await name(image, other);
            return held(image);
        },
        async load(image, source) {
            const local = nameOf(image.reference);
            const other = await elsewhere(image);
            if (other === undefined)
                await bring(image, source, local);
            await name(image, other ?? local);
            const loaded = await held(image);
            if (loaded)
                return loaded;
            const found = await named(local);
            const state = found?.digest === image.target.digest ? 'is not complete' : `is ${found?.digest ?? 'no image at all'}`;
            throw (0,engine_failed/* engineFailed */.a)(title, `loading ${local}`, `the image was accepted, but afterwards ${local} ${state}`);
        },
    };
}
const manifestOf = ({ documents, target }) => documents.at(-1)?.digest ?? target.digest;
const digestName = ({ reference, target }) => `${(0,oci_reference/* canonicalName */.Ew)(reference)}@${target.digest}`;
/** containerd knows no short names: what runs is the whole one. */
function nameOf(reference) {
    const { tag, digest } = reference;
    return (0,oci_reference/* canonicalName */.Ew)(reference) + (tag === undefined && digest !== undefined ? `@${digest}` : `:${tag ?? 'latest'}`);
}
/** hosts.toml of containerd: every request for the registry goes here, with the prefix before the repository. */
function redirected({ host, prefix }) {
    const url = JSON.stringify(`http://${host}/v2/${prefix}`);
    return `server = ${url}\n[host.${url}]\n  capabilities = ["pull", "resolve"]\n  override_path = true\n`;
}


/***/ }),

/***/ 2399:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   O: () => (/* binding */ isWorthAnother),
/* harmony export */   a: () => (/* binding */ engineFailed)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1525);


/** ENGINE_FAILED in the engine's own words, cleaned, with what was being done. */
function engineFailed(title, doing, said) {
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('ENGINE_FAILED', title, `${doing}: ${(0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)(said, 500) || 'no reason given'}`, {
        hint: hintFor(said),
    });
}
const isFull = (words) => /no space left/i.test(words);
/** True for an error of the engine's own that another try, or another way in, may mend: a full disk stays full. */
const isWorthAnother = (error) => error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX && error.code === 'ENGINE_FAILED' && !isFull(error.reason);
function hintFor(said) {
    if (isFull(said))
        return 'Free some disk space for the engine.';
    // containerd goes on with what it has of a layer for a day, whatever it is.
    if (/failed commit on ref/i.test(said))
        return 'containerd holds on to what came of a layer in a run that was killed: `ctr leases ls`, then `ctr leases rm` those of pulls that are over.';
    return 'See the log of the engine; with engine: none the image is kept in the store all the same.';
}


/***/ }),

/***/ 8173:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   r: () => (/* binding */ whileOffered)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);

/**
 * Runs a task while the image is served, and ends the server with it. If the source fails, the signal is aborted with its error and that error is thrown, for an
 * engine would only tell of a broken connection; so is what is wrong with a blob that the engine read and refused.
 */
async function whileOffered(offerImage, { image, source, tag, signal }, task) {
    const stop = new AbortController();
    let failure;
    const read = new Map();
    const watched = watch(source, read, (error) => {
        failure ??= { error };
        stop.abort(error);
    });
    const offer = await offerImage(image, watched, tag);
    try {
        return await task(offer, AbortSignal.any([signal, stop.signal]));
    }
    catch (error) {
        if (failure)
            throw failure.error;
        if (error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX && error.code === 'ENGINE_FAILED')
            await prove(source, read.values());
        throw error;
    }
    finally {
        await offer.close();
    }
}
/** Notes what is read to its end. The engine hashes what it pulls, and needs the processor for it: here a blob is taken as it lies. */
function watch(source, read, failed) {
    return {
        async *open(blob, range = { start: 0, end: blob.size }) {
            const iterator = source.open(blob, range)[Symbol.asyncIterator]();
            try {
                for (;;) {
                    const next = await iterator.next().catch((error) => {
                        failed(error);
                        throw error;
                    });
                    if (next.done)
                        break;
                    yield next.value;
                }
                if (range.end === blob.size)
                    read.set(blob.digest, blob);
            }
            finally {
                await iterator.return?.();
            }
        },
    };
}
async function prove(source, blobs) {
    for (const blob of blobs)
        for await (const _ of source.open(blob))
            ;
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
