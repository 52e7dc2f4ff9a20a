export const id = 608;
export const ids = [608];
export const modules = {

/***/ 8608:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  demo: () => (/* binding */ demo)
});

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/lib/one-chunk.js
var one_chunk = __webpack_require__(100);
// EXTERNAL MODULE: ./build/oci/digest.js
var digest = __webpack_require__(1564);
// EXTERNAL MODULE: ./build/oci/media-types.js
var media_types = __webpack_require__(4566);
// EXTERNAL MODULE: ./build/tar/tar-file.js
var tar_file = __webpack_require__(6586);
;// CONCATENATED MODULE: ./build/demo-images.js






const LAYER = 'application/vnd.oci.image.layer.v1.tar';
const MB = 1_000_000;
const PLATFORMS = [
    { os: 'linux', architecture: 'amd64' },
    { os: 'linux', architecture: 'arm64' },
];
/**
 * Writes `demo/app:1` and `demo/worker:1` into a store: two platforms each, one base layer in common for each platform. Returns them as a catalog;
 * throws CANCELLED soon after the signal is aborted.
 */
async function demoCatalog(store, signal) {
    const tags = new Map([
        ['demo/app', await demo_images_image(store, 'app', 3 * MB, signal)],
        ['demo/worker', await demo_images_image(store, 'worker', 1 * MB, signal)],
    ]);
    const written = new Map([...tags.values()].flatMap(({ blobs }) => blobs).map((blob) => [String(blob.digest), blob]));
    return {
        find: (path, reference) => (reference === '1' ? tags.get(path)?.index : written.get(reference)),
        tags: (path) => (tags.has(path) ? ['1'] : []),
    };
}
async function demo_images_image(store, name, size, signal) {
    const blobs = [];
    const add = async (mediaType, bytes) => {
        if (signal.aborted)
            throw (0,errors/* cancelled */.KW)();
        const blob = { mediaType, digest: (0,digest/* digestOf */.ol)(bytes), size: bytes.byteLength };
        await store.write(blob, (0,one_chunk/* oneChunk */.w)(bytes));
        blobs.push(blob);
        return blob;
    };
    const manifests = [];
    for (const platform of PLATFORMS) {
        const files = [
            await tarOf(`base-${platform.architecture}`, 8 * MB),
            await tarOf(`${name}-${platform.architecture}`, size),
        ];
        const rootfs = { type: 'layers', diff_ids: files.map((bytes) => (0,digest/* digestOf */.ol)(bytes)) };
        const config = await add(media_types/* OCI_CONFIG */.TF, json({ ...platform, config: {}, rootfs }));
        const layers = [];
        for (const bytes of files)
            layers.push(await add(LAYER, bytes));
        const manifest = json({ schemaVersion: 2, mediaType: media_types/* OCI_MANIFEST */.EG, config, layers });
        manifests.push({ ...(await add(media_types/* OCI_MANIFEST */.EG, manifest)), platform });
    }
    return { index: await add(media_types/* OCI_INDEX */.$p, json({ schemaVersion: 2, mediaType: media_types/* OCI_INDEX */.$p, manifests })), blobs };
}
async function tarOf(name, size) {
    const parts = [];
    for await (const part of (0,tar_file/* tarFile */.I)(name, size, [noise(name, size)]))
        parts.push(part);
    return Buffer.concat([...parts, (0,tar_file/* tarEnd */.J)()]);
}
/** The same incompressible bytes each time: a chain of SHA-512 over the name. */
function noise(name, size) {
    const bytes = Buffer.alloc(size);
    let block = (0,external_node_crypto_.createHash)('sha512').update(name).digest();
    for (let at = 0; at < size; at += block.byteLength) {
        block.copy(bytes, at);
        block = (0,external_node_crypto_.createHash)('sha512').update(block).digest();
    }
    return bytes;
}
const json = (value) => Buffer.from(JSON.stringify(value));

// EXTERNAL MODULE: ./build/github/reporter.js + 4 modules
var reporter = __webpack_require__(682);
// EXTERNAL MODULE: ./build/lib/format.js
var format = __webpack_require__(177);
// EXTERNAL MODULE: ./build/pull/pull.js + 20 modules
var pull = __webpack_require__(3975);
// EXTERNAL MODULE: ./build/server/server.js
var server_server = __webpack_require__(4627);
// EXTERNAL MODULE: ./build/settings.js + 3 modules
var build_settings = __webpack_require__(9791);
// EXTERNAL MODULE: ./build/store/layout-store.js + 2 modules
var layout_store = __webpack_require__(9614);
// EXTERNAL MODULE: ./build/wire.js + 42 modules
var wire = __webpack_require__(8706);
;// CONCATENATED MODULE: ./build/demo.js











/**
 * The main job on this machine alone, with nothing installed: a registry of its own on loopback, two images that share a layer, pulled cold and then warm into a
 * store that is gone afterwards. Returns the exit code.
 */
async function demo(signal, say = (line) => process.stdout.write(`${line}\n`)) {
    const folder = await (0,promises_.mkdtemp)(external_node_path_.join((0,external_node_os_.tmpdir)(), 'pull-image-demo-'));
    try {
        const origin = await (0,layout_store/* openStore */.C)(external_node_path_.join(folder, 'registry'), { run: 'demo', signal });
        const catalog = await demoCatalog(origin, signal);
        const asked = [];
        const server = await (0,server_server/* serve */.w)(catalog, origin, (request) => asked.push(request));
        try {
            return await twice({ host: server.host, asked }, external_node_path_.join(folder, 'store'), signal, say);
        }
        finally {
            await server.close();
        }
    }
    finally {
        await (0,promises_.rm)(folder, { recursive: true, force: true });
    }
}
async function twice(server, store, signal, say) {
    const images = [`${server.host}/demo/app:1`, `${server.host}/demo/worker:1`];
    say(`A registry on ${server.host} serves two images of one base. Pulling both into an empty store:\n`);
    await run(images, server, store, signal, say);
    say('\nThe same again; the store has every layer now:\n');
    const { digests, failed } = await run(images, server, store, signal, say);
    say('\nWhat later steps get as outputs (pinned):\n');
    for (const line of digests)
        say(`  ${line}`);
    say('\nFor real: npm start -- pull redis:7');
    return failed > 0 ? 1 : 0;
}
async function run(images, server, store, signal, say) {
    const settings = (0,build_settings/* parseSettings */.P)({ images: images.join('\n'), platforms: 'linux/amd64', engine: 'none' });
    const report = (0,reporter/* createReporter */.A)({ write: (text) => say(text.replace(/\n$/, '')) });
    const { ports, close } = await (0,wire/* wire */.O4)(settings, { environment: {}, store, report, signal });
    const outcome = await (0,pull/* pull */.a)(settings.request, ports).finally(close);
    const requests = server.asked.splice(0);
    const blobs = requests.filter((request) => request.includes('/blobs/')).length;
    say(`\n${(0,format/* count */.U9)(requests.length, 'request')} to the registry, ${blobs} of them for blobs.`);
    const digests = outcome.images.map(({ key, digest }) => `${key}@${digest}`);
    return { digests, failed: outcome.totals.failed };
}


/***/ }),

/***/ 2024:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  Pq: () => (/* binding */ json),
  TR: () => (/* binding */ refuse),
  tN: () => (/* binding */ send)
});

// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(7075);
// EXTERNAL MODULE: external "node:stream/promises"
var promises_ = __webpack_require__(6466);
;// CONCATENATED MODULE: ./build/server/range.js
/**
 * The one range a `Range` header asks of so many bytes (RFC 9110 §14.1.2); `unsatisfiable` if it begins behind the end; undefined for no header and for whatever
 * may be ignored: several ranges, other units, nonsense.
 */
function rangeOf(header, size) {
    const found = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
    const [, first = '', last = ''] = found ?? [];
    if (first === '' && last === '')
        return undefined;
    if (first === '')
        return suffix(Number(last), size);
    const [start, end] = [Number(first), last === '' ? size : Math.min(Number(last) + 1, size)];
    if (last !== '' && Number(last) < start)
        return undefined;
    return start < size ? { start, end } : 'unsatisfiable';
}
const suffix = (length, size) => length > 0 && size > 0 ? { start: Math.max(0, size - length), end: size } : 'unsatisfiable';

;// CONCATENATED MODULE: ./build/server/answers.js



/** Answers GET and HEAD of a blob or manifest, whole or the one range that was asked for (distribution-spec v1.1, "Pull"). Throws what the blob throws. */
async function send(request, response, blob, { blobs, type }) {
    const { digest, size } = blob;
    const range = request.method === 'GET' ? rangeOf(request.headers.range, size) : undefined;
    if (range === 'unsatisfiable') {
        response.setHeader('Content-Range', `bytes */${size}`);
        return refuse(response, 416, 'RANGE_INVALID', `the blob has ${size} bytes`);
    }
    const headers = { 'Content-Type': type, 'Docker-Content-Digest': digest, 'Accept-Ranges': 'bytes' };
    if (range) {
        const { start, end } = range;
        const part = { 'Content-Length': end - start, 'Content-Range': `bytes ${start}-${end - 1}/${size}` };
        response.writeHead(206, { ...headers, ...part });
    }
    else {
        response.writeHead(200, { ...headers, 'Content-Length': size });
    }
    if (request.method === 'HEAD')
        return void response.end();
    // The first bytes may be long in coming, and clients give up on an answer that does not begin.
    response.flushHeaders();
    await (0,promises_.pipeline)(external_node_stream_.Readable.from(blobs.open(blob, range), { objectMode: false }), response);
}
/** Answers with JSON. */
function json(response, body, status = 200, headers = {}) {
    const text = JSON.stringify(body);
    response
        .writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), ...headers })
        .end(text);
}
/** Answers with an error (distribution-spec v1.1, "Error Codes"). */
const refuse = (response, status, code, message) => json(response, { errors: [{ code, message }] }, status);


/***/ }),

/***/ 4807:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   K: () => (/* binding */ listen)
/* harmony export */ });
/* harmony import */ var node_http__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7067);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9473);


/** Clients give idle connections up sooner: after 90 seconds those of Go's library. */
const IDLE_MS = 120_000;
/**
 * Answers HTTP until it is closed, by default on a free port that this machine alone reaches; what fails ends the connection it goes over. Throws INPUT_INVALID if
 * the place is taken or not ours.
 */
async function listen(handler, place = { host: '127.0.0.1', port: 0 }) {
    // Large blobs over slow lines take their time; and who asks again over a connection just as it is given up for idle hears of a reset.
    const server = (0,node_http__WEBPACK_IMPORTED_MODULE_0__.createServer)({ requestTimeout: 0, keepAliveTimeout: IDLE_MS }, (request, response) => {
        handler(request, response).catch(() => response.destroy());
    });
    await new Promise((resolve, reject) => server.once('error', reject).listen(place.port, place.host, resolve)).catch((cause) => {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX('INPUT_INVALID', `${place.host}:${place.port}`, reasonOf(cause), {
            hint: 'Choose another port or host: --port 0 takes any port that is free.',
            cause,
        });
    });
    const { port } = server.address();
    return {
        port,
        close: () => new Promise((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
        }),
    };
}
function reasonOf({ code, message }) {
    if (code === 'EADDRINUSE')
        return 'expected a port that is free, found one where somebody listens already';
    if (code === 'EACCES')
        return 'expected a port this user may listen on';
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
        return 'expected an address of this machine';
    return message;
}


/***/ }),

/***/ 7078:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   L: () => (/* binding */ routeOf),
/* harmony export */   r: () => (/* binding */ urlOf)
/* harmony export */ });
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1564);

/** Where a request goes; a path that begins with two slashes names no other host. */
const urlOf = ({ url = '/' }) => new URL(url.startsWith('/') ? `http://registry${url}` : url, 'http://registry');
/** The route of a request path (distribution-spec v1.1, "Endpoints" end-1 to end-8, reading only); undefined for any other. */
function routeOf(pathname) {
    if (pathname === '/v2/' || pathname === '/v2')
        return { kind: 'base' };
    const found = /^\/v2\/(?<path>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)\/(?<kind>manifests|blobs|tags)\/(?<name>[^/]+)$/.exec(pathname)?.groups;
    const { path, kind, name } = { path: '', kind: '', name: '', ...found };
    if (kind === 'manifests')
        return { kind: 'manifest', path, reference: name };
    if (kind === 'blobs' && (0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .isDigest */ .Bc)(name))
        return { kind: 'blob', path, digest: name };
    if (kind === 'tags' && name === 'list')
        return { kind: 'tags', path };
    return undefined;
}


/***/ }),

/***/ 4627:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   w: () => (/* binding */ serve)
/* harmony export */ });
/* harmony import */ var _answers_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2024);
/* harmony import */ var _listen_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4807);
/* harmony import */ var _routes_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7078);



/**
 * Serves a catalog over its blobs as a registry on a free port of 127.0.0.1: reading only, GET and HEAD, one range at a time, reachable from this machine alone.
 * A blob that fails ends the connection it goes over. `asked` is told of each request as it comes, as `GET /v2/…`; the server itself remembers none.
 */
async function serve(catalog, blobs, asked = () => { }) {
    const { port, close } = await (0,_listen_js__WEBPACK_IMPORTED_MODULE_1__/* .listen */ .K)((request, response) => {
        asked(`${request.method} ${request.url}`);
        return answer(request, response, catalog, blobs);
    });
    return { host: `127.0.0.1:${port}`, close };
}
async function answer(request, response, catalog, blobs) {
    if (request.method !== 'GET' && request.method !== 'HEAD')
        return (0,_answers_js__WEBPACK_IMPORTED_MODULE_0__/* .refuse */ .TR)(response, 405, 'UNSUPPORTED', 'this registry is read-only');
    const route = (0,_routes_js__WEBPACK_IMPORTED_MODULE_2__/* .routeOf */ .L)((0,_routes_js__WEBPACK_IMPORTED_MODULE_2__/* .urlOf */ .r)(request).pathname);
    if (!route)
        return (0,_answers_js__WEBPACK_IMPORTED_MODULE_0__/* .refuse */ .TR)(response, 404, 'NAME_UNKNOWN', 'no such endpoint');
    if (route.kind === 'base')
        return (0,_answers_js__WEBPACK_IMPORTED_MODULE_0__/* .json */ .Pq)(response, {});
    if (route.kind === 'tags')
        return tags(response, route.path, catalog);
    const blob = targetOf(route, catalog);
    if (!blob) {
        const code = route.kind === 'manifest' ? 'MANIFEST_UNKNOWN' : 'BLOB_UNKNOWN';
        return (0,_answers_js__WEBPACK_IMPORTED_MODULE_0__/* .refuse */ .TR)(response, 404, code, `${route.path} has no such ${route.kind}`);
    }
    await (0,_answers_js__WEBPACK_IMPORTED_MODULE_0__/* .send */ .tN)(request, response, blob, {
        blobs,
        type: route.kind === 'manifest' ? blob.mediaType : 'application/octet-stream',
    });
}
const targetOf = (route, catalog) => catalog.find(route.path, route.kind === 'manifest' ? route.reference : route.digest);
function tags(response, path, catalog) {
    const names = catalog.tags(path);
    if (names.length === 0)
        (0,_answers_js__WEBPACK_IMPORTED_MODULE_0__/* .refuse */ .TR)(response, 404, 'NAME_UNKNOWN', `repository ${path} is not known here`);
    else
        (0,_answers_js__WEBPACK_IMPORTED_MODULE_0__/* .json */ .Pq)(response, { name: path, tags: names });
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


/***/ })

};
