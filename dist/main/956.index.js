export const id = 956;
export const ids = [956];
export const modules = {

/***/ 7956:
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

// EXTERNAL MODULE: ./build/engine/engine-failed.js
var engine_failed = __webpack_require__(2399);
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
const FORGET_MS = 60_000;
function containerd({ title, environment, pullOptions }, { signal, offerImage, loadMs = 30 * 60_000 }) {
    const platform = (0,oci_platform/* normalizePlatform */.FL)((0,oci_platform/* hostPlatform */.ol)());
    const ctr = (args, until = signal) => (0,program/* run */.e)('ctr', args, { environment, signal: until, timeoutMs: loadMs });
    async function ask(doing, ...args) {
        const { code, stdout, stderr } = await ctr(args);
        if (code !== 0)
            throw (0,engine_failed/* engineFailed */.a)(title, doing, lastError(stderr));
        return stdout;
    }
    const check = (name) => ['images', 'check', `name==${JSON.stringify(name)}`];
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
        catch (error) {
            await forget(image, name);
            throw error;
        }
        finally {
            await (0,promises_.rm)(folder, { recursive: true, force: true });
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
            return { imageId: found.digest, digests: byDigest ? [found.digest] : [], local: found.name, whole: false };
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
                await pull(image, source, local);
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
/** The line that says why. */
function lastError(stderr) {
    const lines = stderr.trim().split('\n');
    return lines.findLast((line) => line.startsWith('ctr: '))?.slice('ctr: '.length) ?? stderr;
}


/***/ }),

/***/ 2399:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
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
function hintFor(said) {
    if (/no space left/i.test(said))
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
