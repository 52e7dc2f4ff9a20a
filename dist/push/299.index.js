export const id = 299;
export const ids = [299];
export const modules = {

/***/ 9944:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  q: () => (/* binding */ imageArchive)
});

// UNUSED EXPORTS: imagesArchive

// EXTERNAL MODULE: ./build/oci/digest.js
var digest = __webpack_require__(1564);
// EXTERNAL MODULE: ./build/oci/layout.js
var layout = __webpack_require__(2470);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/lib/format.js
var format = __webpack_require__(177);
;// CONCATENATED MODULE: ./build/tar/bounds.js


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
    const reason = `${(0,format/* formatBytes */.z3)(packed)} unpack to more than ${(0,format/* formatBytes */.z3)(Math.max(free, ratio * packed))}, ${ratio} times as much, and are taken for a decompression bomb`;
    return new errors/* PullError */.YX('UNSUPPORTED', subject, reason, { hint: 'Do not unpack it where its size could do harm.' });
}

// EXTERNAL MODULE: ./node_modules/tar/dist/esm/header.js + 2 modules
var esm_header = __webpack_require__(6532);
// EXTERNAL MODULE: ./node_modules/tar/dist/esm/pax.js
var pax = __webpack_require__(750);
;// CONCATENATED MODULE: ./build/tar/tar-file.js


const BLOCK = 512;
/** One regular file of a tar (POSIX pax where a plain header cannot say it), mode 0644, owned by root, dated 1970: the same bytes each time. */
async function* tarFile(name, size, content) {
    const header = new esm_header/* Header */.Y({ path: name, size, mode: 0o644, type: 'File', uid: 0, gid: 0, mtime: new Date(0) });
    header.encode();
    if (header.needPax)
        yield new pax/* Pax */.u({ path: name, size }).encode();
    if (header.block)
        yield header.block;
    yield* content;
    const rest = size % BLOCK;
    if (rest > 0)
        yield Buffer.alloc(BLOCK - rest);
}
/** What ends a tar. */
const tarEnd = () => Buffer.alloc(2 * BLOCK);

// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(7075);
// EXTERNAL MODULE: external "node:stream/promises"
var promises_ = __webpack_require__(6466);
// EXTERNAL MODULE: external "node:zlib"
var external_node_zlib_ = __webpack_require__(8522);
;// CONCATENATED MODULE: ./build/tar/zstd.js




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
    const create = external_node_zlib_.createZstdDecompress;
    if (!create) {
        const reason = `is zstd, which Node ${process.version} does not unpack`;
        throw new errors/* PullError */.YX('UNSUPPORTED', subject, reason, {
            hint: 'Run on Node 22.15 or later. Layers of images Docker unpacks itself from 23 on.',
        });
    }
    const plain = create();
    let own = true;
    const source = external_node_stream_.Readable.from(splitAtFrames(noting(chunks, () => (own = false))));
    const written = (0,promises_.pipeline)(source, plain);
    // The reader below is told of the same failure.
    written.catch(() => { });
    try {
        yield* plain;
    }
    catch (error) {
        if (!own)
            throw error;
        throw new errors/* PullError */.YX('UNSUPPORTED', subject, `begins as zstd, but cannot be unpacked: ${error.message}`, {
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

;// CONCATENATED MODULE: ./build/engine/archive.js





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
    yield* file(layout/* LAYOUT_FILE */.gI, Buffer.from(layout/* LAYOUT_CONTENT */.FO));
    yield* file(layout/* INDEX_FILE */.K$, Buffer.from(JSON.stringify(indexOf(images))));
    yield* file('manifest.json', Buffer.from(JSON.stringify(manifestJson(images))));
    const documents = new Map(images.flatMap(({ image }) => image.documents.map((each) => [each.digest, each])));
    for (const { digest, bytes } of documents.values())
        yield* file((0,layout/* blobPath */.nD)(digest), bytes);
    const all = images.flatMap(({ image: { manifest } }) => [manifest.config, ...manifest.layers]);
    const blobs = new Map(all.map((blob) => [blob.digest, blob]));
    for (const blob of blobs.values()) {
        if (options.omitted?.has(blob.digest))
            continue;
        if (options.plainZstd && (await beginsAsZstd(blob, source)))
            yield* plainEntry(blob, source);
        else
            yield* tarFile((0,layout/* blobPath */.nD)(blob.digest), blob.size, source.open(blob));
    }
    yield tarEnd();
}
const file = (name, bytes) => tarFile(name, bytes.byteLength, [bytes]);
function indexOf(images) {
    const manifests = images.map(({ image: { target }, name }) => {
        const { mediaType, digest, size } = target;
        const tag = name.includes('@') ? undefined : /:([^:/]+)$/.exec(name)?.[1];
        const annotations = { [layout/* CONTAINERD_NAME */.M8]: name, ...(tag === undefined ? {} : { [layout/* REF_NAME */.w5]: tag }) };
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
            Config: (0,layout/* blobPath */.nD)(config.digest),
            RepoTags: [],
            Layers: layers.map(({ digest }) => (0,layout/* blobPath */.nD)(digest)),
        };
        if (!name.includes('@'))
            entry.RepoTags.push(name);
        entries.set(image.target.digest, entry);
    }
    return [...entries.values()];
}
async function beginsAsZstd(blob, source) {
    for await (const chunk of source.open(blob))
        return isZstd(chunk);
    return false;
}
/** The size stands before the bytes, so they are unpacked twice: engines this old are rare, and memory stays flat. */
async function* plainEntry(blob, source) {
    let size = 0;
    for await (const chunk of plain(blob, source))
        size += chunk.byteLength;
    yield* tarFile((0,layout/* blobPath */.nD)(blob.digest), size, plain(blob, source));
}
function plain(blob, source) {
    const subject = `layer ${(0,digest/* shortDigest */.VK)(blob.digest)}`;
    return bounded(unzstd(source.open(blob), subject), () => blob.size, subject);
}


/***/ }),

/***/ 2299:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  connectDocker: () => (/* binding */ connectDocker)
});

// EXTERNAL MODULE: ./build/oci/platform.js
var platform = __webpack_require__(4647);
// EXTERNAL MODULE: external "node:http"
var external_node_http_ = __webpack_require__(7067);
// EXTERNAL MODULE: external "node:https"
var external_node_https_ = __webpack_require__(4708);
// EXTERNAL MODULE: ./build/lib/bell.js
var lib_bell = __webpack_require__(179);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
;// CONCATENATED MODULE: ./build/engine/docker-connection.js



/** How to connect to the daemon; throws ENGINE_UNAVAILABLE if its certificates cannot be read. */
function connectionOf(host) {
    // A daemon behind a socket has no name; over TLS the name must stay the one the certificate is held against.
    if (host.kind === 'socket')
        return { secure: false, options: { socketPath: host.socketPath }, headers: { Host: 'docker' } };
    const { certificates, context } = host;
    const options = { host: host.host, port: host.port };
    if (certificates === undefined)
        return { secure: false, options, headers: {} };
    const read = (name) => (0,external_node_fs_.readFileSync)(external_node_path_.join(certificates, name));
    if (context)
        return { secure: true, options: { ...options, ...ofContext(certificates, context) }, headers: {} };
    try {
        return {
            secure: true,
            options: { ...options, ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') },
            headers: {},
        };
    }
    catch (error) {
        const reason = `${host.from}: DOCKER_TLS_VERIFY is set, but the certificates in ${certificates} cannot be read`;
        throw new errors/* PullError */.YX('ENGINE_UNAVAILABLE', 'Docker', reason, {
            hint: 'Point DOCKER_CERT_PATH at a folder with ca.pem, cert.pem and key.pem.',
            cause: error,
        });
    }
}
/** A context has what its maker gave it: an authority, a client certificate, both, or neither. */
function ofContext(folder, { skipVerify }) {
    const read = (name) => {
        const file = external_node_path_.join(folder, name);
        return (0,external_node_fs_.existsSync)(file) ? (0,external_node_fs_.readFileSync)(file) : undefined;
    };
    return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem'), rejectUnauthorized: !skipVerify };
}

// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
;// CONCATENATED MODULE: ./build/engine/docker-unreachable.js


/** The error of a daemon that kept silent for this many milliseconds. */
function noAnswer(milliseconds) {
    return Object.assign(new Error(`no answer within ${Math.round(milliseconds / 100) / 10} s`), { code: 'ETIMEDOUT' });
}
/** ENGINE_UNAVAILABLE for an exchange that came to no answer, in words that name the address and what to do; CANCELLED if the run is cancelled. */
function unreachable(host, error, signal) {
    if (signal.aborted)
        return new errors/* PullError */.YX('CANCELLED', 'Docker', 'cancelled', { cause: error });
    const { code = '', message } = error;
    const { reason, hint } = words(code, message);
    return new errors/* PullError */.YX('ENGINE_UNAVAILABLE', 'Docker', `${host.from}: ${reason}`, { hint, cause: error });
}
/** True for the failures of a daemon that is still starting: nobody listens yet. */
function isNotThereYet(error) {
    const cause = error instanceof errors/* PullError */.YX ? error.cause : undefined;
    return STARTING.includes(cause?.code ?? '');
}
function words(code, message) {
    if (code === 'EACCES' || code === 'EPERM') {
        return { reason: 'permission denied', hint: 'Add the user to the docker group, or set engine: none.' };
    }
    if (code === 'ETIMEDOUT')
        return { reason: (0,clean/* clean */.uH)(message), hint: 'See in its log whether the daemon hangs, or set engine: none.' };
    if (BROKEN.includes(code) || message === 'aborted') {
        return {
            reason: 'the connection was closed before the answer was complete',
            hint: 'See in its log whether the daemon stopped.',
        };
    }
    if (code.startsWith('HPE_')) {
        return { reason: 'expected a Docker daemon, found a server that does not speak HTTP', hint: CORRECT };
    }
    return { reason: ABSENT[code] ?? (0,clean/* clean */.uH)(message), hint: CORRECT };
}
const STARTING = ['ECONNREFUSED', 'ENOENT', 'ENOTFOUND', 'EAI_AGAIN'];
const BROKEN = ['ECONNRESET', 'EPIPE'];
const ABSENT = {
    ECONNREFUSED: 'connection refused: no daemon listens there',
    ENOENT: 'no such socket',
    ENOTDIR: 'no such socket',
    ENOTFOUND: 'no such host',
    EAI_AGAIN: 'no such host',
};
const CORRECT = 'Start the daemon, correct DOCKER_HOST, or set engine: none.';

;// CONCATENATED MODULE: ./build/engine/docker-api.js





/** Of an answer no more than this is kept, from its end: the Engine API's own are far smaller, and of progress the end counts. */
const MAX_ANSWER = 16 * 1024 * 1024;
const TIMEOUT = 60_000;
/** The Engine API over a socket, TCP, or TCP with the client certificates of `DOCKER_CERT_PATH`. */
function dockerApi(host, signal) {
    const connection = connectionOf(host);
    return {
        async ask(method, target, { body, timeoutMs = TIMEOUT, tellsProgress = false, until } = {}) {
            // A connection kept for later might be closed by the daemon in the very moment it is used again.
            const options = { ...connection.options, agent: false, signal: until ?? signal, method, path: target };
            const headers = { ...connection.headers, ...(body && { 'Content-Type': 'application/x-tar' }) };
            const request = (connection.secure ? external_node_https_ : external_node_http_).request({ ...options, headers });
            const answered = answerOf(request);
            const deadline = limit(request, timeoutMs, body !== undefined || tellsProgress);
            try {
                if (!body)
                    request.end();
                return await (body ? Promise.race([answered, failureOf(sendBody(body, request, answered))]) : answered);
            }
            catch (error) {
                throw error instanceof ForeignFailure ? error.cause : unreachable(host, error, signal);
            }
            finally {
                clearTimeout(deadline);
                request.destroy();
            }
        },
    };
}
/** What a body threw: not a fault of the connection, so it is handed on untouched. */
class ForeignFailure extends Error {
}
/** Writes until all is out. An engine that has seen enough and answers early is not sent the rest: its answer counts, not the broken pipe. */
async function sendBody(body, request, answered) {
    let over = false;
    const bell = (0,lib_bell/* newBell */.Q)();
    const end = () => {
        over = true;
        bell.ring();
    };
    answered.then(end, end);
    request.on('drain', () => bell.ring());
    for await (const chunk of named(body)) {
        if (over)
            return;
        if (request.write(chunk) || over)
            continue;
        await bell.next();
    }
    request.end();
}
/** The chunks; an error that the iteration itself throws is marked as foreign. */
async function* named(body) {
    try {
        yield* body;
    }
    catch (error) {
        throw new ForeignFailure('the body failed', { cause: error });
    }
}
/** Never resolves; rejects if the task does. */
const failureOf = (task) => new Promise((_, reject) => task.catch(reject));
function answerOf(request) {
    const answer = new Promise((resolve, reject) => {
        request.on('error', reject);
        request.once('response', (response) => {
            const chunks = [];
            let size = 0;
            response.on('data', (chunk) => {
                size += chunk.byteLength;
                chunks.push(chunk);
                while (size > MAX_ANSWER)
                    size -= chunks.shift()?.byteLength ?? size;
            });
            response.on('error', reject);
            response.once('end', () => {
                const text = Buffer.concat(chunks).toString('utf8');
                resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
            });
        });
    });
    // Whoever sends the body may fail first, and then nobody waits for this one.
    answer.catch(() => { });
    return answer;
}
/** Ends the request when its time is up; returns the timer of a whole exchange. */
function limit(request, timeoutMs, whileSilent) {
    const end = () => request.destroy(noAnswer(timeoutMs));
    if (!whileSilent)
        return setTimeout(end, timeoutMs);
    request.setTimeout(timeoutMs, end);
    return undefined;
}

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
;// CONCATENATED MODULE: ./build/engine/docker-disk.js


/**
 * The disk of a daemon on this machine, beside a folder of ours. Undefined for one that is reached over TCP, whose folder is not seen here, or that leaves its images
 * to a containerd of which it says nothing (Engine API before 1.46).
 */
async function dockerDisk(host, facts, images, beside) {
    if (host.kind !== 'socket')
        return undefined;
    try {
        const folder = await folderOf(facts);
        if (folder === '')
            return undefined;
        const [there, here, disk] = await Promise.all([(0,promises_.stat)(folder), (0,promises_.stat)(beside), (0,promises_.statfs)(folder)]);
        const listed = await images.list();
        return {
            path: folder,
            freeBytes: disk.bavail * disk.bsize,
            shared: there.dev === here.dev,
            empty: listed.length === 0,
            keepsPacked: facts.keepsManifests,
        };
    }
    catch {
        // Not on this machine, or not for us to see.
        return undefined;
    }
}
/** Where the images are; the containerd of the system keeps them in a folder of its own, one that the daemon started in the daemon's. */
async function folderOf({ root, keepsManifests, containerd }) {
    if (!keepsManifests)
        return root;
    if (containerd === '')
        return '';
    if (!SYSTEM.test(containerd))
        return external_node_path_.join(root, 'containerd/daemon');
    const config = await (0,promises_.readFile)('/etc/containerd/config.toml', 'utf8').catch(() => '');
    return /^root\s*=\s*["'](.+)["']/m.exec(config)?.[1] ?? '/var/lib/containerd';
}
const SYSTEM = /^(\/var)?\/run\/containerd\/containerd\.sock$/;

// EXTERNAL MODULE: ./build/lib/records.js
var records = __webpack_require__(9146);
// EXTERNAL MODULE: ./build/engine/patience.js
var patience = __webpack_require__(1260);
;// CONCATENATED MODULE: ./build/engine/docker-facts.js





/** The newest Engine API this code was written against; a newer daemon is spoken to in this one. */
const NEWEST_API = '1.52';
/** The facts, asked of the daemon itself, which may still be starting; throws ENGINE_UNAVAILABLE if it does not answer `/_ping` like one within `pingMs`. */
async function dockerFacts(api, host, pingMs, signal) {
    const waiting = { withinMs: pingMs, everyMs: 250, signal, again: isNotThereYet };
    const ping = await (0,patience/* tryWithin */.r)(waiting, (timeoutMs) => api.ask('GET', '/_ping', { timeoutMs }));
    const offered = ping.headers['api-version'];
    if (ping.status !== 200 || typeof offered !== 'string' || !/^1\.\d+$/.test(offered)) {
        const reason = `${host.from}: expected a Docker daemon, found an answer ${said(ping)}`;
        throw new errors/* PullError */.YX('ENGINE_UNAVAILABLE', 'Docker', reason, {
            hint: 'Correct DOCKER_HOST and DOCKER_TLS_VERIFY, or set engine: none.',
        });
    }
    const apiVersion = minor(offered) > minor(NEWEST_API) ? NEWEST_API : offered;
    const [version, info] = await Promise.all([
        ask(api, `/v${apiVersion}/version`, host),
        ask(api, `/v${apiVersion}/info`, host),
    ]);
    const release = (0,records/* asText */.e1)(version.Version);
    const keepsManifests = JSON.stringify(info.DriverStatus ?? '').includes('io.containerd.snapshotter');
    const isPodman = JSON.stringify(version.Components ?? '').includes('"Podman Engine"');
    const driver = keepsManifests ? 'containerd image store' : (0,records/* asText */.e1)(info.Driver);
    return {
        title: (0,clean/* clean */.uH)(`${isPodman ? 'Podman' : 'Docker'} ${release} (${driver})`, 100),
        isPodman,
        apiVersion,
        platform: { os: (0,records/* asText */.e1)(version.Os), architecture: (0,records/* asText */.e1)(version.Arch) },
        keepsManifests,
        inspectsManifests: minor(apiVersion) >= 48,
        readsZstd: isPodman || Number.parseInt(release, 10) >= 23,
        root: (0,records/* asText */.e1)(info.DockerRootDir),
        containerd: (0,records/* asText */.e1)((0,records/* asRecord */.qY)(info.Containerd).Address),
    };
}
const minor = (apiVersion) => Number(apiVersion.split('.')[1]);
/** `with status 403: policy forbids it`. */
const said = ({ status, text }) => `with status ${status}${status === 200 ? '' : `: ${(0,clean/* clean */.uH)(text, 200)}`}`.replace(/: $/, '');
async function ask(api, target, host) {
    const answer = await api.ask('GET', target);
    const parsed = (0,records/* parseJson */.qF)(answer.text);
    if (answer.status === 200 && typeof parsed === 'object' && parsed !== null)
        return parsed;
    throw new errors/* PullError */.YX('ENGINE_UNAVAILABLE', 'Docker', `${host.from}: expected facts from ${target}, found an answer ${said(answer)}`, {
        hint: 'Let the daemon, or the proxy before it, answer /version and /info, or set engine: none.',
    });
}

// EXTERNAL MODULE: ./build/oci/digest.js
var oci_digest = __webpack_require__(1564);
// EXTERNAL MODULE: ./build/oci/reference.js
var oci_reference = __webpack_require__(907);
;// CONCATENATED MODULE: ./build/engine/docker-names.js


/** The name an image runs by: its own tag; for a bare digest the digest itself, or a tag made of it where the engine cannot name digests. */
function localName(reference, { keepsManifests }) {
    const name = (0,oci_reference/* familiarName */.hG)(reference);
    if (reference.tag !== undefined)
        return `${name}:${reference.tag}`;
    if (reference.digest === undefined)
        return `${name}:latest`;
    if (keepsManifests)
        return `${name}@${reference.digest}`;
    return `${name}:${(0,oci_digest/* digestTag */.t9)(reference.digest)}`;
}
/** The local name with the registry spelled out, as archives carry it. */
function archiveName(reference, naming) {
    return (0,oci_reference/* canonicalName */.Ew)(reference) + localName(reference, naming).slice((0,oci_reference/* familiarName */.hG)(reference).length);
}
/** What the daemon calls an image: what its name points to where it keeps manifests, else its config. */
const idOf = (image, { keepsManifests }) => keepsManifests ? image.target.digest : image.manifest.config.digest;
/** The digest of the image's own manifest. */
const manifestOf = ({ documents, target }) => documents.at(-1)?.digest ?? target.digest;

// EXTERNAL MODULE: ./build/engine/engine-failed.js
var engine_failed = __webpack_require__(2399);
;// CONCATENATED MODULE: ./build/engine/docker-failed.js



/** ENGINE_FAILED in the daemon's own words, JSON or not. */
function dockerFailed({ title }, doing, said) {
    const parsed = (0,records/* parseJson */.qF)(said);
    return (0,engine_failed/* engineFailed */.a)(title, doing, (0,records/* isRecord */.u4)(parsed) && 'message' in parsed ? String(parsed.message) : said);
}
/** A hand-over that was answered with success proves nothing: this is what inspecting the image found instead. */
function notThere(image, name, found, facts) {
    const expected = idOf(image, facts);
    const state = found?.id === expected
        ? `has not all of manifest ${manifestOf(image)}`
        : `is ${found?.id ?? 'no image at all'}, expected ${expected}`;
    return dockerFailed(facts, `loading ${name}`, `the image was accepted, but afterwards ${name} ${state}`);
}

;// CONCATENATED MODULE: ./build/engine/docker-inspect.js




/** Reads an answer of the Engine API; throws ENGINE_FAILED if it is not one. */
function parseInspect(body, name) {
    const answer = (0,records/* asRecord */.qY)((0,records/* parseJson */.qF)(body));
    if (!(0,oci_digest/* isDigest */.Bc)(answer.Id))
        throw new errors/* PullError */.YX('ENGINE_FAILED', 'Docker', `inspecting ${(0,clean/* clean */.uH)(name)}: expected an image, found ${(0,clean/* clean */.uH)(body, 200)}`);
    const repository = name.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
    const repoDigests = (0,records/* asArray */._j)(answer.RepoDigests).flatMap((it) => {
        const [of, digest] = String(it).split('@');
        return of === repository && (0,oci_digest/* isDigest */.Bc)(digest) ? [digest] : [];
    });
    const manifests = Array.isArray(answer.Manifests)
        ? answer.Manifests.map(docker_inspect_manifestOf).filter((it) => it !== undefined)
        : undefined;
    const diffIds = (0,records/* asArray */._j)((0,records/* asRecord */.qY)(answer.RootFS).Layers).map(String);
    const platform = platformOf(answer);
    return {
        id: answer.Id,
        repoDigests,
        platform,
        diffIds,
        wasPulled: (0,records/* asArray */._j)(answer.RepoDigests).length > 0,
        manifests,
    };
}
/** The ids in the answer of `GET /images/json`; empty if it is not one. */
const parseList = (body) => (0,records/* asArray */._j)((0,records/* parseJson */.qF)(body))
    .map((it) => (0,records/* asRecord */.qY)(it).Id)
    .filter(oci_digest/* isDigest */.Bc);
function platformOf(answer) {
    const [os, architecture, variant] = [(0,records/* asText */.e1)(answer.Os), (0,records/* asText */.e1)(answer.Architecture), (0,records/* asText */.e1)(answer.Variant)];
    return os && architecture ? { os, architecture, ...(variant && { variant }) } : undefined;
}
function docker_inspect_manifestOf(value) {
    const manifest = (0,records/* asRecord */.qY)(value);
    const { digest } = (0,records/* asRecord */.qY)(manifest.Descriptor);
    const { os, architecture } = (0,records/* asRecord */.qY)((0,records/* asRecord */.qY)(manifest.ImageData).Platform);
    const platform = os && architecture ? `${os}/${architecture}` : undefined;
    return (0,oci_digest/* isDigest */.Bc)(digest) ? { digest, available: manifest.Available === true, platform } : undefined;
}

;// CONCATENATED MODULE: ./build/engine/docker-images.js






const FORGET_MS = 60_000;
/** The images of the daemon. */
function dockerImages(api, facts) {
    const root = `/v${facts.apiVersion}/images`;
    async function ask(doing, method, target, question) {
        try {
            return await api.ask(method, root + target, question);
        }
        catch (error) {
            if (!(error instanceof errors/* PullError */.YX) || error.code !== 'ENGINE_UNAVAILABLE' || error.subject === facts.title)
                throw error;
            const { code, reason, hint } = error;
            throw new errors/* PullError */.YX(code, facts.title, `${doing}: ${reason}`, { hint, cause: error });
        }
    }
    async function inspect(name, until) {
        const manifests = facts.keepsManifests && facts.inspectsManifests ? '?manifests=1' : '';
        const doing = `inspecting ${(0,clean/* clean */.uH)(name)}`;
        const answer = await ask(doing, 'GET', `/${encodeURI(name)}/json${manifests}`, { until });
        if (answer.status === 404)
            return undefined;
        if (answer.status !== 200)
            throw dockerFailed(facts, doing, answer.text);
        return parseInspect(answer.text, name);
    }
    const isOf = (image, found) => found?.id === idOf(image, facts) && holds(found, manifestOf(image));
    return {
        ask,
        inspect: (name) => inspect(name),
        async list() {
            const answer = await ask('listing images', 'GET', '/json');
            if (answer.status !== 200)
                throw dockerFailed(facts, 'listing images', answer.text);
            return parseList(answer.text);
        },
        async held(image, name) {
            const found = await inspect(name);
            const imageId = idOf(image, facts);
            const manifest = manifestOf(image);
            if (!isOf(image, found))
                return undefined;
            const pinned = `${(0,oci_reference/* familiarName */.hG)(image.reference)}@${image.target.digest}`;
            return { manifest, imageId, local: name, digestRunnable: (await inspect(pinned))?.id === imageId };
        },
        async tag(from, name) {
            const colon = name.lastIndexOf(':');
            const query = new URLSearchParams({ repo: name.slice(0, colon), tag: name.slice(colon + 1) });
            const answer = await ask(`tagging ${name}`, 'POST', `/${encodeURI(from)}/tag?${query}`);
            return answer.status === 201;
        },
        async forget(name, image) {
            // Also when the run is cancelled: nobody else knows of the name.
            const until = AbortSignal.timeout(FORGET_MS);
            if (image && !isOf(image, await inspect(name, until).catch(() => undefined)))
                return;
            await ask(`removing ${name}`, 'DELETE', `/${encodeURI(name)}`, { until }).catch(() => { });
        },
    };
}
/** False only if the engine itself says that blobs of this manifest are missing. */
const holds = ({ manifests }, manifest) => manifests === undefined || manifests.some((it) => it.digest === manifest && it.available);

// EXTERNAL MODULE: ./build/lib/pool.js
var pool = __webpack_require__(7908);
// EXTERNAL MODULE: ./build/oci/config.js
var config = __webpack_require__(4446);
;// CONCATENATED MODULE: ./build/engine/docker-chains.js


const MANY = 300;
/**
 * Which bottom layers of an image a graph driver has: those whose chain (image-spec v1.1, config.md, "Layer ChainID") is the beginning of one it lists. Its list is
 * read once, when first asked for.
 */
function heldLayers(images) {
    let listed;
    return async (image, source) => {
        // Without the list everything is sent, which only takes longer.
        listed ??= chainsOf(images).catch(() => NONE);
        const { all, pulled } = await listed;
        const diffIds = all.size === 0 ? [] : await diffIdsOf(image, source);
        const { layers } = image.manifest;
        const depth = diffIds.length === layers.length ? depthIn(all, diffIds) : 0;
        return {
            layers: new Set(layers.slice(0, depth).map(({ digest }) => digest)),
            unknownToPulls: depth > depthIn(pulled, diffIds),
        };
    };
}
const NONE = { all: new Set(), pulled: new Set() };
async function chainsOf(images) {
    const some = (0,pool/* gate */.Gj)(8);
    const ids = (await images.list()).slice(0, MANY);
    const found = await Promise.all(ids.map((id) => some(() => images.inspect(id))));
    const [all, pulled] = [new Set(), new Set()];
    for (const image of found) {
        for (let depth = 1; image && depth <= image.diffIds.length; depth += 1) {
            const chain = chainOf(image.diffIds, depth);
            all.add(chain);
            if (image.wasPulled)
                pulled.add(chain);
        }
    }
    return { all, pulled };
}
const chainOf = (diffIds, depth) => diffIds.slice(0, depth).join(' ');
function depthIn(chains, diffIds) {
    let depth = 0;
    while (depth < diffIds.length && chains.has(chainOf(diffIds, depth + 1)))
        depth += 1;
    return depth;
}
async function diffIdsOf({ manifest }, source) {
    const chunks = [];
    for await (const chunk of source.open(manifest.config))
        chunks.push(chunk);
    return (0,config/* parseConfig */.o)(Buffer.concat(chunks), manifest.config.digest).diffIds;
}

// EXTERNAL MODULE: ./build/engine/archive.js + 3 modules
var archive = __webpack_require__(9944);
;// CONCATENATED MODULE: ./build/engine/load-stream.js

/**
 * Why a load or a pull failed, out of the JSON stream that `POST /images/load` and `/images/create` answer with status 200 in any case; undefined if it tells of no failure. The containerd
 * store says `Error unpacking image …` in plain words only.
 */
function loadFailure(body) {
    for (const line of body.split('\n')) {
        const failure = failureIn(line.trim());
        if (failure !== undefined)
            return failure;
    }
    return undefined;
}
function failureIn(line) {
    const message = (0,records/* parseJson */.qF)(line);
    if (message === undefined)
        return /^error\b/i.test(line) ? line : undefined;
    const { error, errorDetail, stream, status } = (0,records/* asRecord */.qY)(message);
    const said = error || ((0,records/* isRecord */.u4)(errorDetail) && errorDetail.message);
    if (said)
        return typeof said === 'string' ? said : 'no reason given';
    return unpacking(stream) ?? unpacking(status);
}
const unpacking = (text) => typeof text === 'string' ? /^error unpacking image.*$/im.exec(text)?.[0].trim() : undefined;

;// CONCATENATED MODULE: ./build/engine/docker-load.js




/**
 * As a stream to `/images/load`, which works with every daemon; blobs in `omitted` are left out, for a daemon that has what they hold. Where it failed or was
 * cancelled no name of this image stays.
 */
function streamInto(images, facts, silenceMs) {
    return async (image, source, name, omitted = NOTHING) => {
        const body = (0,archive/* imageArchive */.q)(image, source, {
            name: archiveName(image.reference, facts),
            plainZstd: !facts.readsZstd,
            omitted,
        });
        try {
            const answer = await images.ask(`loading ${name}`, 'POST', '/load?quiet=1', { body, timeoutMs: silenceMs });
            const failure = answer.status === 200 ? loadFailure(answer.text) : answer.text;
            if (failure !== undefined)
                throw dockerFailed(facts, `loading ${name}`, failure);
        }
        catch (error) {
            // The containerd image store names an image before it unpacks it: the next run would take it for whole.
            if (facts.keepsManifests)
                await images.forget(name, image);
            throw error;
        }
    };
}
const NOTHING = new Set();

// EXTERNAL MODULE: ./build/engine/offer.js
var offer = __webpack_require__(8173);
;// CONCATENATED MODULE: ./build/engine/docker-pull.js





/**
 * The daemon pulls the image from an offer on loopback, under a name of its own that is gone afterwards; before that `use` is told it. It unpacks a layer while
 * the next one comes, and leaves out what it has. Throws the source's own errors, ENGINE_UNAVAILABLE, or ENGINE_FAILED in the daemon's words.
 */
function pullInto(images, facts, options) {
    return async (image, source, name, use) => {
        // A graph driver keeps no index, so it is spared the choice; elsewhere the index is what the image is known by.
        const digest = facts.keepsManifests ? image.target.digest : manifestOf(image);
        const offered = { image, source, tag: digest, signal: options.signal };
        return (0,offer/* whileOffered */.r)(options.offerImage, offered, async (offer, until) => {
            const repository = `${offer.host}/${offer.prefix}/${image.reference.path}`;
            const query = new URLSearchParams({ fromImage: repository, tag: digest });
            if (facts.keepsManifests)
                query.set('platform', (0,platform/* formatPlatform */.Bq)(image.platform));
            const doing = `loading ${name}`;
            try {
                const failure = await asking(offer, until, options, async (signal) => {
                    const question = { timeoutMs: options.silenceMs, tellsProgress: true, until: signal };
                    const answer = await images.ask(doing, 'POST', `/create?${query}`, question);
                    return answer.status === 200 ? loadFailure(answer.text) : answer.text;
                });
                if (failure !== undefined && offer.asked())
                    throw dockerFailed(facts, doing, failure);
                if (failure === undefined)
                    await use(`${repository}@${digest}`);
                return failure === undefined ? 'pulled' : 'unreached';
            }
            finally {
                await images.forget(`${repository}@${digest}`);
            }
        });
    };
}
/** What the pull says went wrong, if anything; it is ended if nobody has asked in time. */
async function asking(offer, until, { askMs }, pull) {
    const unasked = new AbortController();
    const timer = setTimeout(() => offer.asked() || unasked.abort(), askMs);
    try {
        return await pull(AbortSignal.any([until, unasked.signal]));
    }
    catch (error) {
        if (unasked.signal.aborted && !until.aborted)
            return 'nobody asked';
        throw error;
    }
    finally {
        clearTimeout(timer);
    }
}

;// CONCATENATED MODULE: ./build/engine/docker-ways.js







/**
 * Chooses between two ways. A pull by the daemon from loopback unpacks a layer while the next one comes, leaves out layers that the daemon knows from other pulls,
 * and lets later pulls leave out these. A stream to `/images/load` needs nothing but this connection, reads what old daemons cannot pull, and leaves out layers
 * that came by other ways. The stream is also what is tried when a pull failed.
 */
function waysInto(images, facts, signal, options) {
    const { silenceMs, askMs, offerImage } = options;
    const stream = streamInto(images, facts, silenceMs);
    const pull = offerImage && pullInto(images, facts, { offerImage, silenceMs, askMs, signal });
    const layersHeld = heldLayers(images);
    let reaches = true;
    async function name(image, from, name) {
        if (!name.includes('@'))
            return images.tag(from, name);
        // Tags cannot be digests; an archive may name one, and needs no blobs where the daemon says that it has them all.
        if (!facts.inspectsManifests)
            return false;
        const { config, layers } = image.manifest;
        await stream(image, NO_BLOBS, name, new Set([config, ...layers].map(({ digest }) => digest)));
        return true;
    }
    /** True if the daemon has pulled it; false if another way is worth a try. */
    async function pulled(image, source, local) {
        if (!pull)
            return false;
        try {
            const outcome = await pull(image, source, local, async (temporary) => {
                if (!(await images.held(image, temporary)))
                    throw notThere(image, temporary, await images.inspect(temporary), facts);
                if (!(await name(image, temporary, local)))
                    throw dockerFailed(facts, `loading ${local}`, 'the daemon does not give it this name');
            });
            reaches = outcome === 'pulled';
            return reaches;
        }
        catch (error) {
            if ((0,engine_failed/* isWorthAnother */.O)(error))
                return false;
            throw error;
        }
    }
    return {
        name,
        async bring(image, source, local) {
            const id = idOf(image, facts);
            if ((await images.held(image, id)) && (await name(image, id, local)))
                return;
            const held = facts.keepsManifests ? undefined : await layersHeld(image, source);
            const pulls = reaches && isPullable(image, facts) && !held?.unknownToPulls;
            if (pulls && (await pulled(image, source, local)))
                return;
            await stream(image, source, local, held?.layers).catch((error) => {
                // What was there may be gone meanwhile.
                if (!held?.layers.size || !(error instanceof errors/* PullError */.YX) || error.code !== 'ENGINE_FAILED')
                    throw error;
                return stream(image, source, local);
            });
        },
    };
}
/** Old daemons cannot unpack zstd, Podman wants TLS of loopback too, and layers that are not to be distributed would be fetched from where they come from. */
const isPullable = ({ manifest }, { readsZstd, isPodman }) => !isPodman &&
    manifest.layers.every(({ mediaType }) => !/foreign|nondistributable/.test(mediaType) && (readsZstd || !/zstd/.test(mediaType)));
const NO_BLOBS = {
    // biome-ignore lint/correctness/useYield: it ends before there is anything to give.
    async *open({ digest }) {
        throw new Error(`${digest} was to be left out`);
    },
};

;// CONCATENATED MODULE: ./build/engine/docker.js








/**
 * The Docker daemon at `host`, after it has answered: Docker 20.10 and later, with a graph driver or with the containerd image store. Throws ENGINE_UNAVAILABLE
 * if it does not answer within 10 s.
 */
async function connectDocker(host, signal, options = {}) {
    const api = dockerApi(host, signal);
    const facts = await dockerFacts(api, host, options.pingMs ?? 10_000, signal);
    return docker({ host, api, facts, signal }, options);
}
function docker({ host, api, facts, signal }, options) {
    const images = dockerImages(api, facts);
    const ways = waysInto(images, facts, signal, {
        silenceMs: options.loadMs ?? 30 * 60_000,
        askMs: options.askMs ?? 5000,
        // Over TCP the daemon is another machine, whose loopback is not ours.
        offerImage: host.kind === 'socket' ? options.offerImage : undefined,
    });
    const nameOf = (image) => localName(image.reference, facts);
    return {
        title: facts.title,
        platform: (0,platform/* normalizePlatform */.FL)(facts.platform),
        holdsPlatforms: facts.keepsManifests,
        async find(name) {
            const found = await images.inspect(name);
            if (!found)
                return undefined;
            const { id, repoDigests, platform } = found;
            const whole = isWhole(found, facts);
            return { imageId: id, digests: repoDigests, local: name, whole, platform, manifest: manifestIn(found) };
        },
        async present(image) {
            const name = nameOf(image);
            const found = await images.held(image, name);
            if (found || !(await images.held(image, idOf(image, facts))))
                return found;
            return (await ways.name(image, idOf(image, facts), name)) ? images.held(image, name) : undefined;
        },
        async load(image, source) {
            const name = nameOf(image);
            await ways.bring(image, source, name);
            const loaded = await images.held(image, name);
            if (loaded)
                return loaded;
            throw notThere(image, name, await images.inspect(name), facts);
        },
        disk: (beside) => dockerDisk(host, facts, images, beside),
    };
}
/** A graph driver has all of an image or none of it; other stores say which platforms they have, since API 1.48. */
function isWhole({ manifests }, { keepsManifests, platform: { os, architecture } }) {
    return manifests?.some((it) => it.available && it.platform === `${os}/${architecture}`) ?? !keepsManifests;
}
/** The manifest of what it would run, where the store says which there are; two that differ in their variants alone it does not tell apart. */
function manifestIn({ manifests = [], platform }) {
    const [one, other] = manifests.filter((it) => it.available && it.platform === `${platform?.os}/${platform?.architecture}`);
    return other ? undefined : one?.digest;
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


/***/ })

};
