export const id = 539;
export const ids = [539];
export const modules = {

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

/***/ 7539:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  connectPodman: () => (/* binding */ connectPodman)
});

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
// EXTERNAL MODULE: ./build/oci/digest.js
var oci_digest = __webpack_require__(1564);
// EXTERNAL MODULE: ./build/oci/reference.js
var oci_reference = __webpack_require__(907);
// EXTERNAL MODULE: ./build/engine/engine-failed.js
var engine_failed = __webpack_require__(2399);
// EXTERNAL MODULE: ./build/engine/offer.js
var offer = __webpack_require__(8173);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/lib/records.js
var records = __webpack_require__(9146);
// EXTERNAL MODULE: ./build/oci/platform.js
var platform = __webpack_require__(4647);
// EXTERNAL MODULE: ./build/engine/program.js
var program = __webpack_require__(6463);
;// CONCATENATED MODULE: ./build/engine/podman-facts.js





/** What `podman info` tells; throws ENGINE_UNAVAILABLE if it fails, tells something else, or speaks for a machine elsewhere. */
async function podmanFacts(environment, signal, timeoutMs) {
    const ended = await (0,program/* run */.e)('podman', ['info', '--format', 'json'], { environment, signal, timeoutMs });
    if (ended.code !== 0)
        throw unavailable(`podman info failed: ${(0,clean/* clean */.uH)(ended.stderr, 500) || `exit code ${ended.code}`}`);
    const info = (0,records/* asRecord */.qY)((0,records/* parseJson */.qF)(ended.stdout));
    const [host, store, version] = [(0,records/* asRecord */.qY)(info.host), (0,records/* asRecord */.qY)(info.store), (0,records/* asRecord */.qY)(info.version)];
    const [os, architecture, release] = [(0,records/* asText */.e1)(host.os), (0,records/* asText */.e1)(host.arch), (0,records/* asText */.e1)(version.Version)];
    if (!os || !architecture || !release)
        throw unavailable(`expected facts from podman info, found ${(0,clean/* clean */.uH)(ended.stdout, 200)}`);
    if (host.serviceIsRemote === true)
        throw unavailable('podman info speaks for a service elsewhere, which cannot reach the images stored here');
    const rootless = (0,records/* asRecord */.qY)(host.security).rootless === true ? ', rootless' : '';
    return {
        title: (0,clean/* clean */.uH)(`Podman ${release} (${(0,records/* asText */.e1)(store.graphDriverName)}${rootless})`, 100),
        platform: (0,platform/* normalizePlatform */.FL)({ os, architecture }),
    };
}
const unavailable = (reason) => new errors/* PullError */.YX('ENGINE_UNAVAILABLE', 'Podman', reason, {
    hint: 'Make `podman info` work for this user, or set engine: none.',
});

;// CONCATENATED MODULE: ./build/engine/podman.js










/** Podman on this machine, rootful or rootless, through the `podman` command: 4.0 and later. Throws ENGINE_UNAVAILABLE if `podman info` fails. */
async function connectPodman(options) {
    return podman(await podmanFacts(options.environment, options.signal, options.pingMs ?? 10_000), options);
}
function podman(facts, { environment, signal, offerImage, loadMs = 30 * 60_000 }) {
    const ask = (args, more = {}, until = signal) => (0,program/* run */.e)('podman', args, { environment: { ...environment, ...more }, signal: until, timeoutMs: loadMs });
    async function inspect(name) {
        const format = '{{.Id}} {{.Digest}} {{.Os}} {{.Architecture}}';
        const { code, stdout, stderr } = await ask(['image', 'inspect', '--format', format, name]);
        const [id, digest, os = '', architecture = ''] = stdout.trim().split(' ');
        const imageId = `sha256:${id}`;
        if (code === 0 && (0,oci_digest/* isDigest */.Bc)(imageId))
            return { id: imageId, digest: digest && (0,oci_digest/* isDigest */.Bc)(digest) ? digest : undefined, os, architecture };
        if (/image not known|no such image/i.test(stderr))
            return undefined;
        throw (0,engine_failed/* engineFailed */.a)(facts.title, `inspecting ${(0,clean/* clean */.uH)(name)}`, stderr || stdout);
    }
    /** Podman looks digests up without the repository in some versions and with it in others: only asking tells. */
    async function exists(name) {
        return (await ask(['image', 'exists', name])).code === 0;
    }
    async function held(image) {
        const { full, familiar } = namesOf(image.reference);
        const imageId = image.manifest.config.digest;
        if ((await inspect(full))?.id !== imageId)
            return undefined;
        // An image of the same name under localhost/ would be found first.
        const local = familiar === full || (await inspect(familiar))?.id === imageId ? familiar : full;
        const digestRunnable = await exists(`${(0,oci_reference/* canonicalName */.Ew)(image.reference)}@${image.target.digest}`);
        return { manifest: manifestOf(image), imageId, local, digestRunnable };
    }
    /** True if Podman had the image, with the digest it is pulled by, and now has it under this name too. */
    async function tag(image, full) {
        const imageId = image.manifest.config.digest;
        const name = `${(0,oci_reference/* canonicalName */.Ew)(image.reference)}@${image.target.digest}`;
        if (full.includes('@') || (await inspect(name))?.id !== imageId)
            return false;
        return (await ask(['tag', imageId.slice('sha256:'.length), full])).code === 0;
    }
    async function pull(image, source, full) {
        const { reference } = image;
        const folder = await (0,promises_.mkdtemp)(external_node_path_.join((0,external_node_os_.tmpdir)(), 'pull-image-podman-'));
        try {
            const offered = { image, source, tag: reference.tag ?? 'latest', signal };
            await (0,offer/* whileOffered */.r)(offerImage, offered, async (offer, until) => {
                const [registries, logins] = [external_node_path_.join(folder, 'registries.conf'), external_node_path_.join(folder, 'auth.json')];
                await (0,promises_.writeFile)(registries, redirected(reference, offer));
                await (0,promises_.writeFile)(logins, '{}');
                const args = ['pull', '--quiet', '--authfile', logins, ...platformOptions(image), full];
                const { code, stderr } = await ask(args, { CONTAINERS_REGISTRIES_CONF: registries }, until);
                if (code !== 0)
                    throw (0,engine_failed/* engineFailed */.a)(facts.title, `loading ${namesOf(reference).familiar}`, lastError(stderr));
            });
        }
        finally {
            await (0,promises_.rm)(folder, { recursive: true, force: true });
        }
    }
    return {
        title: facts.title,
        platform: facts.platform,
        holdsPlatforms: false,
        async find(name) {
            const reference = (0,oci_reference/* parseReference */.F2)(name);
            // Where a digest is given, the tag is but a word beside it.
            const { full, familiar } = namesOf(reference.digest ? { ...reference, tag: undefined } : reference);
            const found = await inspect(full);
            if (found?.os !== facts.platform.os || found.architecture !== facts.platform.architecture)
                return undefined;
            const { id, digest, os, architecture } = found;
            const known = digest !== undefined && (await exists(`${(0,oci_reference/* canonicalName */.Ew)(reference)}@${digest}`));
            return {
                imageId: id,
                digests: known ? [digest] : [],
                local: familiar,
                whole: true,
                platform: { os, architecture },
            };
        },
        async present(image) {
            return (await held(image)) ?? ((await tag(image, namesOf(image.reference).full)) ? held(image) : undefined);
        },
        async load(image, source) {
            const { full, familiar } = namesOf(image.reference);
            if (!(await tag(image, full))) {
                const bring = () => pull(single(image), source, full);
                // What was served is right by now, or the error would be the source's: it may have been replaced while it was read.
                await bring().catch((error) => {
                    if (!(0,engine_failed/* isWorthAnother */.O)(error))
                        throw error;
                    return bring();
                });
            }
            const loaded = await held(image);
            if (loaded)
                return loaded;
            const found = (await inspect(full))?.id ?? 'no image at all';
            const reason = `the image was accepted, but afterwards ${familiar} is ${found}, expected ${image.manifest.config.digest}`;
            throw (0,engine_failed/* engineFailed */.a)(facts.title, `loading ${familiar}`, reason);
        },
    };
}
/** Podman chooses in an index, but not in an index within it: then the manifest takes the name itself. */
function single(image) {
    const manifest = image.documents.at(-1);
    if (image.documents.length <= 2 || !manifest)
        return image;
    const { mediaType, digest, bytes } = manifest;
    return { ...image, target: { mediaType, digest, size: bytes.byteLength } };
}
const manifestOf = ({ documents, target }) => documents.at(-1)?.digest ?? target.digest;
/** The name an image runs by, with the registry and without Docker's. */
function namesOf(reference) {
    const { tag, digest } = reference;
    const rest = tag === undefined && digest !== undefined ? `@${digest}` : `:${tag ?? 'latest'}`;
    return { full: (0,oci_reference/* canonicalName */.Ew)(reference) + rest, familiar: (0,oci_reference/* familiarName */.hG)(reference) + rest };
}
const platformOptions = ({ platform: { os, architecture, variant } }) => [
    '--os',
    os,
    '--arch',
    architecture,
    ...(variant ? ['--variant', variant] : []),
];
/** containers-registries.conf(5), version 2: the name stays the image's own, the bytes come from here. */
function redirected(reference, { host, prefix }) {
    const location = `${host}/${prefix}/${reference.path}`;
    return `[[registry]]\nprefix = ${JSON.stringify((0,oci_reference/* canonicalName */.Ew)(reference))}\nlocation = ${JSON.stringify(location)}\ninsecure = true\n`;
}
/** The line that says why, without the progress before it. */
function lastError(stderr) {
    const lines = stderr.trim().split('\n');
    return lines.findLast((line) => /^error/i.test(line))?.replace(/^error:\s*/i, '') ?? stderr;
}


/***/ })

};
