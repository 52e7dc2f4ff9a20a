export const id = 17;
export const ids = [17];
export const modules = {

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

/***/ 17:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  offerImage: () => (/* binding */ offerImage)
});

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: ./build/oci/descriptor.js
var descriptor = __webpack_require__(6937);
// EXTERNAL MODULE: external "node:timers/promises"
var promises_ = __webpack_require__(8500);
;// CONCATENATED MODULE: ./build/server/bottom-first.js

/** Milliseconds in which a stream must have moved to hold up those behind it. */
const PATIENCE = 50;
const LOOK_AGAIN = 5;
/**
 * The source, whose layers are given bottom first where several are read at once, for in that order they are unpacked. A layer that its reader leaves lying, or
 * whose bytes are yet to come, holds up nobody for more than 50 ms.
 */
function bottomFirst(layers, source, clock = { now: () => performance.now(), sleep: promises_.setTimeout }) {
    const ranks = new Map(layers.map(({ digest }, rank) => [digest, rank]));
    const streams = new Set();
    const isHeldUp = (rank) => [...streams].some((other) => other.rank < rank && clock.now() - other.movedAt < PATIENCE);
    return {
        async *open(blob, range) {
            const stream = { rank: ranks.get(blob.digest) ?? -1, movedAt: clock.now() };
            streams.add(stream);
            try {
                for await (const chunk of source.open(blob, range)) {
                    while (isHeldUp(stream.rank))
                        await clock.sleep(LOOK_AGAIN);
                    stream.movedAt = clock.now();
                    yield chunk;
                }
            }
            finally {
                streams.delete(stream);
            }
        },
    };
}

// EXTERNAL MODULE: ./build/server/server.js
var server = __webpack_require__(4627);
;// CONCATENATED MODULE: ./build/server/offer.js




/**
 * One image as a registry on a free port of 127.0.0.1, under a path prefix that nobody else on the machine can guess (128 random bits): the target by `tag`, documents
 * and blobs by their digests; of several layers read at once the bottom one comes first. Gone when closed.
 */
async function offerImage(image, source, tag) {
    const { reference, target, documents, manifest } = image;
    const prefix = (0,external_node_crypto_.randomBytes)(16).toString('hex');
    const repository = `${prefix}/${reference.path}`;
    const found = new Map();
    for (const blob of [...manifest.layers, manifest.config, ...documents.map(descriptor/* descriptorOf */.n)])
        found.set(blob.digest, blob);
    found.set(tag, target);
    let asked = false;
    const catalog = {
        find(path, name) {
            // Anybody on this machine can ask; only who was told the prefix asks for this.
            if (path !== repository)
                return undefined;
            asked = true;
            return found.get(name);
        },
        tags: () => [],
    };
    const { host, close } = await (0,server/* serve */.w)(catalog, withDocuments(documents, bottomFirst(manifest.layers, source)));
    return { host, prefix, asked: () => asked, close };
}
/** The source, and the documents that never were blobs of it. */
function withDocuments(documents, source) {
    const bytes = new Map(documents.map((document) => [document.digest, document.bytes]));
    return {
        async *open(blob, range) {
            const document = bytes.get(blob.digest);
            if (document)
                yield part(document, range);
            else
                yield* source.open(blob, range);
        },
    };
}
const part = (bytes, range) => range ? bytes.subarray(range.start, range.end) : bytes;


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


/***/ })

};
