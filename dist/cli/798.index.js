export const id = 798;
export const ids = [798];
export const modules = {

/***/ 8798:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  lockCommand: () => (/* binding */ lockCommand)
});

// EXTERNAL MODULE: ./build/github/reporter.js + 4 modules
var reporter = __webpack_require__(682);
// EXTERNAL MODULE: ./build/github/wording.js
var wording = __webpack_require__(422);
// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
// EXTERNAL MODULE: ./build/oci/media-types.js
var media_types = __webpack_require__(4566);
// EXTERNAL MODULE: ./build/oci/platform.js
var oci_platform = __webpack_require__(4647);
// EXTERNAL MODULE: ./build/oci/reference.js
var oci_reference = __webpack_require__(907);
// EXTERNAL MODULE: ./build/settings/locked.js
var locked = __webpack_require__(1440);
// EXTERNAL MODULE: ./build/pull/all-tags.js
var all_tags = __webpack_require__(2899);
// EXTERNAL MODULE: ./build/pull/documents.js
var pull_documents = __webpack_require__(9492);
// EXTERNAL MODULE: ./build/pull/locked.js
var pull_locked = __webpack_require__(1846);
// EXTERNAL MODULE: ./build/pull/run.js + 1 modules
var pull_run = __webpack_require__(1682);
;// CONCATENATED MODULE: ./build/pull/lock.js








/**
 * Asks the registries what each image of the request is now, for every platform it has, and pulls none of it: one HEAD a tag, an index or manifest that the store
 * lacks, and the config of an image without an index.
 */
async function lockImages(request, ports) {
    const run = (0,pull_run/* newRun */.u)(request, ports);
    const given = new Map();
    const documents = (0,pull_documents/* documentsOf */.u)(run, 'registry', given);
    const lock = new Map();
    const failed = [];
    const wanted = await (0,all_tags/* expandTags */.C)(run);
    await Promise.all(wanted.map(async (image) => {
        if ('error' in image)
            return failed.push(image);
        const reference = (0,oci_reference/* withDefaultTag */._t)(image.reference);
        const name = (0,locked/* lockKey */.TL)(reference);
        if (name === undefined)
            return;
        try {
            const digest = reference.digest ?? (await digestOf(reference, run, given));
            const read = await documents.read(reference, digest);
            const { content } = read;
            const isImage = content.kind === 'manifest' && (0,media_types/* isImageConfigType */.Ky)(content.config.mediaType);
            const platform = isImage ? await documents.platform(reference, content.config) : undefined;
            const locked = (0,pull_locked/* lockedImage */.UN)(read, platform && (0,oci_platform/* formatPlatform */.Bq)((0,oci_platform/* normalizePlatform */.FL)(platform)));
            const error = (0,pull_locked/* conflict */.hj)(name, lock.get(name)?.digest, digest);
            if (error)
                throw error;
            lock.set(name, locked);
        }
        catch (error) {
            failed.push({ key: image.key, error: (0,pull_run/* failureOf */.g)(error, image.key) });
        }
    }));
    return { lock, failed };
}
async function digestOf(reference, run, given) {
    const { registry } = run.ports;
    const answer = await run.gate(reference.domain)(() => registry.resolve(reference, reference.tag ?? 'latest'));
    if (answer.document)
        given.set(answer.digest, answer.document);
    return answer.digest;
}

// EXTERNAL MODULE: ./build/settings.js + 3 modules
var build_settings = __webpack_require__(9791);
// EXTERNAL MODULE: ./build/wire/sources.js + 1 modules
var sources = __webpack_require__(4090);
// EXTERNAL MODULE: ./build/wire.js + 42 modules
var wire = __webpack_require__(8706);
// EXTERNAL MODULE: ./build/cli/options.js
var cli_options = __webpack_require__(2315);
// EXTERNAL MODULE: ./build/cli/store-path.js
var store_path = __webpack_require__(1482);
;// CONCATENATED MODULE: ./build/cli/lock.js









/**
 * `lock`: writes what the references are now into the lock file and pulls none of them; without references, those the file has. With `--check` nothing is written.
 * What fails goes aside. Returns the exit code, 1 if a reference failed or the check found a difference; throws INPUT_INVALID for what cannot be asked for.
 */
async function lockCommand(references, options, signal, aside) {
    const folder = process.cwd();
    const raw = {
        images: (await imagesOf(references, options, folder)).join('\n'),
        files: options.files.join('\n'),
        'lock-file': options.lockFile,
        'update-lock': 'true',
        'all-tags': String(options.allTags ?? false),
        tags: options.tags.join('\n'),
        'max-tags': options.maxTags,
        engine: 'none',
        ...(0,cli_options/* registryInputs */.P4)(options),
    };
    const { found, events } = await (0,sources/* readSources */.tW)(raw, folder, process.env);
    const settings = (0,build_settings/* parseSettings */.P)(raw, found);
    const report = (0,reporter/* createReporter */.A)({ complain: aside });
    for (const event of events)
        report(event);
    const store = (0,store_path/* storePath */.T)(options.store);
    const { ports, close } = await (0,wire/* wire */.O4)(settings, { environment: process.env, store, report, signal });
    try {
        const { lock, failed } = await lockImages(settings.request, ports);
        for (const { key, error } of failed) {
            const name = (0,clean/* clean */.uH)(key, 300);
            report({ type: 'warning', message: `${name}: ${(0,wording/* failureText */.kY)(error, name)}` });
        }
        if (options.check && failed.length === 0)
            return await check(lock, options.lockFile, folder, report);
        await (0,sources/* saveLock */.RB)(settings.lockFile, failed.length === 0 ? lock : undefined, folder, report);
        return failed.length === 0 ? 0 : 1;
    }
    finally {
        await close();
    }
}
/** With nothing named, what is locked is locked again. */
async function imagesOf(references, { files, lockFile }, folder) {
    if (references.length > 0 || files.length > 0)
        return references;
    return [...((await (0,sources/* storedLock */.zR)(lockFile, folder))?.keys() ?? [])];
}
async function check(lock, file, folder, report) {
    const changes = await (0,sources/* compareLock */.hF)(file, lock, folder);
    report({ type: 'locked', file, changes });
    return isUnchanged(changes) ? 0 : 1;
}
const isUnchanged = ({ added, moved, dropped }) => added.length + moved.length + dropped.length === 0;


/***/ })

};
