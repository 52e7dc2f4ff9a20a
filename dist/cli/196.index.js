export const id = 196;
export const ids = [196];
export const modules = {

/***/ 9196:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  serveCommand: () => (/* binding */ serveCommand)
});

// EXTERNAL MODULE: external "node:events"
var external_node_events_ = __webpack_require__(8474);
// EXTERNAL MODULE: external "node:stream/consumers"
var consumers_ = __webpack_require__(8321);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/github/reporter.js + 4 modules
var reporter = __webpack_require__(682);
// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
// EXTERNAL MODULE: ./build/settings.js + 3 modules
var settings = __webpack_require__(9791);
;// CONCATENATED MODULE: ./build/wire/access.js

/** What the raw text of the inputs says of how registries are reached; throws one INPUT_INVALID that lists every mistake. */
async function readAccess(raw) {
    if (!raw['registry-auth']?.trim())
        return (0,settings/* parseAccess */.C)(raw);
    const { parseYamlTexts } = await Promise.resolve(/* import() */).then(__webpack_require__.bind(__webpack_require__, 391));
    return (0,settings/* parseAccess */.C)(raw, parseYamlTexts);
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: ./build/pull/readable.js
var readable = __webpack_require__(5904);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
// EXTERNAL MODULE: ./build/registry/addresses.js
var addresses = __webpack_require__(526);
;// CONCATENATED MODULE: ./build/registry/own-place.js


const LOOPBACK = ['localhost', '127.0.0.1', '::1', '::ffff:7f00:1'];
/** Who listens there is reached by every address of the machine; who asks for it reaches the machine itself. */
const ANY = ['0.0.0.0', '::'];
/**
 * True for a host, as references and URLs have it (`127.0.0.1:5000`; without a port the one of HTTP or of HTTPS), under which whoever listens at the place is reached,
 * however it is spelt. Names that only a resolver knows are not looked up.
 */
function ownPlace({ host, port }, names = ofThisMachine) {
    const own = spelt(host);
    const isAny = ANY.includes(own);
    const isLoopback = isLoopbackName(own);
    return (asked) => {
        if (!URL.canParse(`http://${asked}`))
            return false;
        const url = new URL(`http://${asked}`);
        const ports = /:\d+$/.test(asked) ? [Number(url.port || 80)] : [80, 443];
        if (!ports.includes(port))
            return false;
        const name = spelt(url.hostname);
        if (name === own)
            return true;
        if (isLoopbackName(name) || ANY.includes(name))
            return isLoopback || isAny;
        return isAny && names().map(spelt).includes(name);
    };
}
const isLoopbackName = (name) => LOOPBACK.includes(name) || name.endsWith('.localhost');
/** As URLs spell it, without brackets. */
function spelt(host) {
    const name = (0,addresses/* bare */.$B)(host).replace(/%.*$/, '');
    const url = `http://${name.includes(':') ? `[${name}]` : name}`;
    return URL.canParse(url) ? (0,addresses/* bare */.$B)(new URL(url).hostname).replace(/\.$/, '') : name.toLowerCase();
}
const ofThisMachine = () => [
    (0,external_node_os_.hostname)(),
    ...Object.values((0,external_node_os_.networkInterfaces)()).flatMap((all = []) => all.map(({ address }) => address)),
];

// EXTERNAL MODULE: ./build/lib/pool.js
var pool = __webpack_require__(7908);
;// CONCATENATED MODULE: ./build/lib/recent.js
/** Texts that were added last, at most `limit` of them: who adds without end fills no memory. */
function recent(limit) {
    const texts = new Set();
    return {
        add(text) {
            texts.delete(text);
            texts.add(text);
            const [oldest] = texts;
            if (texts.size > limit && oldest !== undefined)
                texts.delete(oldest);
        },
        has: (text) => texts.has(text),
    };
}

// EXTERNAL MODULE: ./build/server/answers.js + 1 modules
var answers = __webpack_require__(2024);
// EXTERNAL MODULE: ./build/oci/digest.js
var oci_digest = __webpack_require__(1564);
// EXTERNAL MODULE: ./build/oci/descriptor.js
var descriptor = __webpack_require__(6937);
// EXTERNAL MODULE: ./build/oci/manifest.js + 1 modules
var manifest = __webpack_require__(1358);
// EXTERNAL MODULE: ./build/oci/reference.js
var oci_reference = __webpack_require__(907);
// EXTERNAL MODULE: ./node_modules/valibot/dist/index.mjs
var dist = __webpack_require__(7934);
// EXTERNAL MODULE: ./build/oci/descriptor-json.js
var descriptor_json = __webpack_require__(6740);
// EXTERNAL MODULE: ./build/oci/layout.js
var layout = __webpack_require__(2470);
// EXTERNAL MODULE: ./build/oci/untrusted-json.js
var untrusted_json = __webpack_require__(1363);
;// CONCATENATED MODULE: ./build/oci/referrer.js






const schema = dist/* object */.Ikc({
    subject: dist/* nullish */.cl6(descriptor_json/* descriptorSchema */.TM),
    artifactType: dist/* nullish */.cl6(dist/* string */.YjP((0,untrusted_json/* expected */.p6)('text'))),
    annotations: dist/* nullish */.cl6(dist/* record */.g1P(dist/* string */.YjP(), dist/* string */.YjP((0,untrusted_json/* expected */.p6)('text')), (0,untrusted_json/* expected */.p6)('annotations'))),
});
/**
 * The document as a referrer (distribution-spec v1.1, "Listing Referrers"): its artifact type, where a manifest names none its config's type, and its annotations
 * come along; undefined if it has no subject. Throws what `parseDocument` throws.
 */
function referrerOf(document, subject) {
    const content = (0,manifest/* parseDocument */.Tp)(document, subject);
    const { subject: about, artifactType, annotations, } = (0,untrusted_json/* readJson */.Vh)(schema, (0,untrusted_json/* decodeObject */.gv)(document.bytes, subject), subject);
    if (!about)
        return undefined;
    const type = artifactType || (content.kind === 'manifest' ? content.config.mediaType : '');
    const told = { ...(type ? { artifactType: type } : {}), ...(annotations ? { annotations } : {}) };
    return {
        subject: about.digest,
        descriptor: { ...(0,descriptor/* descriptorOf */.n)({ ...document, mediaType: content.mediaType }), ...told },
    };
}
/** A list of referrers as JSON: an index (distribution-spec v1.1, "Listing Referrers"). */
const referrersJson = (referrers) => (0,layout/* indexJson */.Hh)(referrers.map(({ descriptor }) => descriptor));

;// CONCATENATED MODULE: ./build/server/naming.js


/** The platforms of an image that are in the store whole; attestations are none. */
async function completePlatforms(store, target) {
    const root = await readStored(store, target);
    if (!root)
        return [];
    if (root.content.kind === 'manifest') {
        return (await holdsAll(store, root.content)) ? [{ platform: undefined, documents: [root.document] }] : [];
    }
    const platforms = [];
    for (const child of runnable(root.content)) {
        const found = await readStored(store, child);
        if (found?.content.kind === 'manifest' && (await holdsAll(store, found.content)))
            platforms.push({ platform: child.platform, documents: [root.document, found.document] });
    }
    return platforms;
}
/** The manifests of an index that are for a platform; attestations are none. */
const runnable = ({ manifests }) => manifests.filter(({ platform }) => platform?.os !== 'unknown');
/** Points names at a target, of which `platforms` are here; what old readers need is stored besides. */
async function recordNames(names, target, platforms, { store, readable, now }) {
    const readAs = readable({ target, platforms });
    if (readAs?.document)
        await writeDocument(store, readAs.document);
    await store.record(names.map((name) => ({ name, target, readAs: readAs?.descriptor, at: now() })));
}
/** Stores a document through the store's door. */
async function writeDocument(store, document) {
    const bytes = [document.bytes];
    await store.write((0,descriptor/* descriptorOf */.n)(document), {
        async *[Symbol.asyncIterator]() {
            yield* bytes;
        },
    });
}
/** An index in an index is legal and rare; deeper is somebody's mistake or malice. */
const MAX_DEPTH = 4;
/** A document of the store, read; undefined if it is not here. Throws MANIFEST_INVALID for what is none. */
async function readStored(store, { mediaType, digest }) {
    const bytes = await store.read(digest);
    if (bytes === undefined)
        return undefined;
    const content = (0,manifest/* parseDocument */.Tp)({ mediaType, digest, bytes }, digest);
    return { document: { mediaType: content.mediaType, digest, bytes }, content };
}
async function holdsAll(store, { config, layers }) {
    for (const blob of [config, ...layers])
        if (!(await store.has(blob)))
            return false;
    return true;
}

;// CONCATENATED MODULE: ./build/server/refusal.js



/** A request that is answered with an error of distribution-spec v1.1, "Error Codes". */
class Refusal extends Error {
    name = 'Refusal';
    status;
    code;
    headers;
    constructor(status, code, message, headers = {}) {
        super(message);
        this.status = status;
        this.code = code;
        this.headers = headers;
    }
}
/** Status and code for what our own parts throw; what is not here is 500 UNKNOWN. */
const ANSWERS = {
    REFERENCE_INVALID: [400, 'NAME_INVALID'],
    DIGEST_INVALID: [400, 'DIGEST_INVALID'],
    DIGEST_MISMATCH: [400, 'DIGEST_INVALID'],
    SIZE_MISMATCH: [400, 'SIZE_INVALID'],
    MANIFEST_INVALID: [400, 'MANIFEST_INVALID'],
    NAME_UNKNOWN: [404, 'NAME_UNKNOWN'],
    MANIFEST_UNKNOWN: [404, 'MANIFEST_UNKNOWN'],
    BLOB_UNKNOWN: [404, 'BLOB_UNKNOWN'],
    UNAUTHORIZED: [403, 'DENIED'],
    DENIED: [403, 'DENIED'],
    TOOMANYREQUESTS: [429, 'TOOMANYREQUESTS'],
    UNAVAILABLE: [502, 'UNKNOWN'],
    UNREACHABLE: [502, 'UNKNOWN'],
    REGISTRY_ANSWER: [502, 'UNKNOWN'],
    DISK_FULL: [507, 'UNKNOWN'],
};
/** Answers with the error, in clean words; an answer that has begun is cut off. */
function answerError(response, error) {
    if (response.headersSent || response.destroyed)
        return void response.destroy();
    const { status, code, message, headers } = toRefusal(error);
    const words = (0,clean/* clean */.uH)(message, 1000);
    // Docker shows of such an answer its first line alone.
    if (status >= 500)
        response.statusMessage = words.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
    (0,answers/* json */.Pq)(response, { errors: [{ code, message: words }] }, status, headers);
}
function toRefusal(error) {
    if (error instanceof Refusal)
        return error;
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof errors/* PullError */.YX))
        return new Refusal(500, 'UNKNOWN', message);
    const [status, code] = ANSWERS[error.code] ?? [500, 'UNKNOWN'];
    const wait = error.retryAfterMs === undefined ? {} : { 'Retry-After': Math.ceil(error.retryAfterMs / 1000) };
    return new Refusal(status, code, message, wait);
}

// EXTERNAL MODULE: ./build/oci/media-types.js
var media_types = __webpack_require__(4566);
;// CONCATENATED MODULE: ./build/server/shelf.js





/** The shelf of a path; throws REFERENCE_INVALID for what is no repository's path (distribution-spec v1.1, "Pulling manifests"). */
function shelfOf(path, ns, domain) {
    const own = repositoryIn(`${domain}/${path}`);
    try {
        return { own, upstream: repositoryIn(ns ? `${ns}/${path}` : path) };
    }
    catch {
        return { own, upstream: undefined };
    }
}
/** A name with a tag or a digest is none of a repository. */
function repositoryIn(text) {
    const { domain, path, tag, digest } = (0,oci_reference/* parseReference */.F2)(text);
    if (tag === undefined && digest === undefined)
        return { domain, path };
    throw new errors/* PullError */.YX('REFERENCE_INVALID', text, 'invalid reference format: expected a repository without tag or digest');
}
/** The name of a tag or digest of a repository in the store: as Docker prints it. */
const nameOf = (repository, reference) => (0,oci_reference/* familiarReference */.ZD)((0,oci_digest/* isDigest */.Bc)(reference) ? { ...repository, digest: reference } : { ...repository, tag: reference });
/** The repositories of a store, each time as its names are then. */
function shelvesOf(store, contents) {
    const held = async (target) => (target && (await store.has(target)) ? target : undefined);
    async function namesIn({ domain, path }) {
        return (await contents.names()).filter(({ name }) => {
            const found = readName(name);
            return found?.domain === domain && found.path === path;
        });
    }
    /** A document that an index leads to. */
    async function childOf(target, digest, depth = 0) {
        if (!(0,media_types/* isIndexType */.$U)(target.mediaType) || depth > MAX_DEPTH)
            return undefined;
        const children = await childrenOf(store, target);
        const child = children.find((each) => each.digest === digest);
        if (child)
            return child;
        for (const each of children) {
            const found = await childOf(each, digest, depth + 1);
            if (found)
                return found;
        }
        return undefined;
    }
    async function lookUp(repository, reference) {
        if (!repository)
            return undefined;
        const named = await held((await store.named(nameOf(repository, reference)))?.target);
        if (named || !(0,oci_digest/* isDigest */.Bc)(reference))
            return named;
        const records = await namesIn(repository);
        const same = await held(records.find(({ target }) => target.digest === reference)?.target);
        if (same)
            return same;
        for (const { target } of records) {
            const child = await held(await childOf(target, reference));
            if (child)
                return child;
        }
        return undefined;
    }
    return {
        namesIn,
        find: async ({ own, upstream }, reference) => (await lookUp(own, reference)) ?? lookUp(upstream, reference),
        async tags({ own, upstream }) {
            const records = [...(await namesIn(own)), ...(upstream ? await namesIn(upstream) : [])];
            return sortedTags(records.map(({ name }) => readName(name)?.tag ?? ''));
        },
        async isChild(repository, digest) {
            for (const { target } of await namesIn(repository))
                if (await childOf(target, digest))
                    return true;
            return false;
        },
    };
}
/** In lexical order, which the spec has as case-insensitive; each once. */
function sortedTags(tags) {
    const order = (a, b) => (a < b ? -1 : Number(a > b));
    return [...new Set(tags.filter(oci_reference/* isTag */.dz))].sort((a, b) => order(a.toLowerCase(), b.toLowerCase()) || order(a, b));
}
async function childrenOf(store, document) {
    try {
        const content = (await readStored(store, document))?.content;
        return content?.kind === 'index' ? content.manifests : [];
    }
    catch (error) {
        if (error instanceof errors/* PullError */.YX)
            return [];
        throw error;
    }
}
function readName(name) {
    try {
        return (0,oci_reference/* parseReference */.F2)(name);
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./build/server/put-manifest.js








/**
 * Takes a manifest under a tag or its digest (distribution-spec v1.1, "Pushing Manifests"): only what its digest says, that can be read, and whose children are
 * here, which no sweep takes meanwhile. What a tag pointed to before stays there under its digest.
 */
async function putManifest(request, response, { shelf, path, reference }, door) {
    if (!(0,oci_digest/* isDigest */.Bc)(reference) && !(0,oci_reference/* isTag */.dz)(reference))
        throw new Refusal(400, 'MANIFEST_INVALID', `expected a tag or a digest, found ${JSON.stringify(reference)}`);
    const bytes = await documentOf(request);
    const digest = (0,oci_digest/* digestOf */.ol)(bytes, (0,oci_digest/* isDigest */.Bc)(reference) ? (0,oci_digest/* algorithmOf */.Hy)(reference) : 'sha256');
    if ((0,oci_digest/* isDigest */.Bc)(reference) && digest !== reference)
        throw new Refusal(400, 'DIGEST_INVALID', `expected a manifest with ${reference}, found ${digest}`);
    const sent = { mediaType: request.headers['content-type'] ?? '', digest, bytes };
    const subject = `${path}:${reference}`;
    const content = (0,manifest/* parseDocument */.Tp)(sent, subject);
    const document = { ...sent, mediaType: content.mediaType };
    const about = referrerOf(document, subject)?.subject;
    const { store, told } = door;
    const children = put_manifest_childrenOf(content);
    const lease = await store.lease([digest, ...children.map((child) => child.digest)]);
    try {
        for (const child of children)
            await mustHold(child, door);
        await writeDocument(store, document);
        const target = (0,descriptor/* descriptorOf */.n)(document);
        const platforms = await completePlatforms(store, target);
        const name = nameOf(shelf.own, reference);
        await door.inTurn(shelf.own.path)(async () => {
            await keepOld(name, digest, shelf, door);
            await recordNames([name], target, platforms, door);
        });
        const listed = children.map((child) => child.digest);
        // An index of it may follow, which names it only then.
        await Promise.all([(0,oci_digest/* isDigest */.Bc)(reference) && told.keep(path, digest, listed), told.over(path, listed)]);
    }
    finally {
        await store.release(lease);
    }
    response
        .writeHead(201, {
        Location: `/v2/${path}/manifests/${digest}`,
        'Docker-Content-Digest': digest,
        'Content-Length': 0,
        ...(about ? { 'OCI-Subject': about } : {}),
    })
        .end();
}
async function documentOf(request) {
    const parts = [];
    let size = 0;
    for await (const part of request) {
        size += part.byteLength;
        if (size > manifest/* MAX_DOCUMENT_BYTES */.bi)
            throw new Refusal(413, 'SIZE_INVALID', `expected a manifest of at most ${manifest/* MAX_DOCUMENT_BYTES */.bi} bytes`, {
                Connection: 'close',
            });
        parts.push(part);
    }
    return Buffer.concat(parts);
}
/** Layers that lie elsewhere, as those of Windows do, need not be here. */
const put_manifest_childrenOf = (content) => content.kind === 'index'
    ? content.manifests
    : [content.config, ...content.layers.filter(({ urls = [] }) => urls.length === 0)];
async function mustHold(child, { store, bring }) {
    if (await store.has(child))
        return;
    const { digest, size } = child;
    await bring?.(digest);
    if (await store.has(child))
        return;
    throw new Refusal(404, 'MANIFEST_BLOB_UNKNOWN', `expected ${digest} with ${size} bytes to be pushed before, found none`);
}
/** A tag that moves, or goes, leaves what it pointed to under its digest. */
async function keepOld(name, next, { own }, { store, shelves }) {
    const old = await store.named(name);
    if (!old || old.target.digest === next)
        return;
    const others = await shelves.namesIn(own);
    const known = others.some((other) => other.name !== name && other.target.digest === old.target.digest);
    if (!known)
        await store.record([{ ...old, name: nameOf(own, old.target.digest) }]);
}

;// CONCATENATED MODULE: ./build/server/deletes.js




/**
 * Deletes a tag, or a manifest with every tag of it (distribution-spec v1.1, "Content Management"). What was pulled, and what an index here lists, stays: 405. The
 * bytes go with the next sweep.
 */
async function deleteManifest(response, { shelf, reference }, door) {
    await door.inTurn(shelf.own.path)(() => forgetNames(shelf, reference, door));
    accepted(response);
}
async function forgetNames(shelf, reference, { contents, ...door }) {
    const { own } = shelf;
    const names = (await door.shelves.namesIn(own))
        .filter(({ name, target }) => ((0,oci_digest/* isDigest */.Bc)(reference) ? target.digest === reference : name === nameOf(own, reference)))
        .map(({ name }) => name);
    if ((0,oci_digest/* isDigest */.Bc)(reference) && (await door.shelves.isChild(own, reference)))
        throw new Refusal(405, 'UNSUPPORTED', `an index lists ${reference}: delete the index first`);
    const [first] = names;
    if (first === undefined)
        throw await notDeletable(shelf, reference, door);
    if (!(0,oci_digest/* isDigest */.Bc)(reference))
        await keepOld(first, undefined, shelf, door);
    if ((0,oci_digest/* isDigest */.Bc)(reference))
        await door.told.forget(reference);
    await contents.forget(names);
}
async function notDeletable(shelf, reference, { shelves }) {
    if (!(await shelves.find(shelf, reference)))
        return new Refusal(404, 'MANIFEST_UNKNOWN', `${shelf.own.path} has no ${reference}`);
    return new Refusal(405, 'UNSUPPORTED', `${reference} was pulled, not pushed here: it stays in the store`);
}
/** Deletes a blob that no image needs; one that is needed stays: 405. */
async function deleteBlob(response, digest, { contents, told }) {
    if ((await contents.sizeOf(digest)) === undefined)
        throw new Refusal(404, 'BLOB_UNKNOWN', `the store has no blob ${digest}`);
    await told.forget(digest);
    if (!(await contents.remove(digest)))
        throw new Refusal(405, 'UNSUPPORTED', `an image of the store needs ${digest}: delete its manifest first`);
    accepted(response);
}
const accepted = (response) => void response.writeHead(202, { 'Content-Length': 0 }).end();

// EXTERNAL MODULE: ./build/server/listen.js
var listen = __webpack_require__(4807);
;// CONCATENATED MODULE: ./build/server/lists.js





/** The page that a query asks for; refuses an `n` that is no number with 400. */
function pageOf(query) {
    const n = query.get('n');
    if (n !== null && !/^\d{1,9}$/.test(n))
        throw new Refusal(400, 'PAGINATION_NUMBER_INVALID', 'n: expected how many tags to list');
    return { n, last: query.get('last') };
}
/** Answers with tags, all or a page of them, and where the next is: `Link` (distribution-spec v1.1, "Listing Tags"). */
function answerTags(response, path, tags, { n, last }) {
    const rest = last === null ? tags : tags.slice(firstBehind(tags, last));
    const page = n === null ? rest : rest.slice(0, Number(n));
    const end = page.at(-1);
    const more = end !== undefined && page.length < rest.length;
    const next = `/v2/${path}/tags/list?n=${n}&last=${encodeURIComponent(end ?? '')}`;
    (0,answers/* json */.Pq)(response, { name: path, tags: page }, 200, more ? { Link: `<${next}>; rel="next"` } : {});
}
/** `last` need not be a tag any more. */
function firstBehind(tags, last) {
    const exact = tags.indexOf(last);
    if (exact >= 0)
        return exact + 1;
    const found = tags.findIndex((tag) => tag.toLowerCase() > last.toLowerCase());
    return found < 0 ? tags.length : found;
}
/** Answers with the manifests of the repository whose subject this is (distribution-spec v1.1, "Listing Referrers"); with none if it is not known. */
async function answerReferrers(response, { repository, digest, query, }, { store, shelves }) {
    const type = query.get('artifactType');
    const found = new Map();
    for (const { target } of await shelves.namesIn(repository)) {
        const stored = await readStored(store, target);
        const referrer = stored && referrerOf(stored.document, target.digest);
        if (referrer?.subject === digest && (type === null || referrer.descriptor.artifactType === type))
            found.set(target.digest, referrer);
    }
    const text = referrersJson([...found.values()]);
    const filtered = type === null ? {} : { 'OCI-Filters-Applied': 'artifactType' };
    response
        .writeHead(200, { 'Content-Type': media_types/* OCI_INDEX */.$p, 'Content-Length': Buffer.byteLength(text), ...filtered })
        .end(text);
}

;// CONCATENATED MODULE: ./build/server/awaited-names.js


/** Nothing is awaited yet. However many names wait, a blob that comes is looked at by those alone that it is part of. */
function awaitedNames(parts) {
    const { store, readable } = parts;
    const tags = new Map();
    const waiting = new Map();
    const unwritten = new Set();
    const oneAtATime = (0,pool/* gate */.Gj)(1);
    const wait = (digest, part) => waiting.set(digest, (waiting.get(digest) ?? new Set()).add(part));
    function leave(digest, part) {
        const others = waiting.get(digest);
        others?.delete(part);
        if (others?.size === 0)
            waiting.delete(digest);
    }
    /** True if the part is whole. What is waited for is looked for afterwards, so that nothing comes in between. */
    async function advance(part) {
        if (!part.missing) {
            wait(part.manifest.digest, part);
            const content = (await readStored(store, part.manifest).catch(unreadable))?.content;
            if (content?.kind !== 'manifest')
                return false;
            leave(part.manifest.digest, part);
            part.missing = new Map([content.config, ...content.layers].map((blob) => [blob.digest, blob]));
            for (const digest of part.missing.keys())
                wait(digest, part);
        }
        for (const [digest, blob] of part.missing) {
            if (!(await store.has(blob)))
                return false;
            part.missing.delete(digest);
            leave(digest, part);
        }
        return true;
    }
    async function begin(naming) {
        const content = (await readStored(store, naming.target))?.content;
        if (!content)
            return undefined;
        const manifests = content.kind === 'manifest' ? [naming.target] : runnable(content);
        const platforms = [];
        const tag = { ...naming, parts: platforms };
        platforms.push(...manifests.map((manifest) => ({ tag, manifest, missing: undefined })));
        return tag;
    }
    function end(tag) {
        unwritten.delete(tag);
        if (tags.get(keyOf(tag)) === tag)
            tags.delete(keyOf(tag));
        for (const part of tag.parts)
            for (const digest of part.missing?.keys() ?? [part.manifest.digest])
                leave(digest, part);
    }
    async function write(tag) {
        const now = await clockOf(tag);
        const platforms = now && (await completePlatforms(store, tag.target).catch(unreadable));
        if (!now || !platforms)
            return end(tag);
        if (platforms.length > 0)
            await recordNames(tag.names, tag.target, platforms, { store, readable, now });
        unwritten.delete(tag);
        if (tag.parts.every(({ missing }) => missing?.size === 0))
            end(tag);
    }
    /** What tells the time of the names; undefined if one was pointed elsewhere since, as a pull does, to what is here, or is gone. */
    async function clockOf({ names, target, named }) {
        let now = parts.now;
        for (const name of names) {
            const found = await store.named(name);
            if (found && found.target.digest !== target.digest && (await store.has(found.target)))
                return undefined;
            if (!named)
                continue;
            if (found?.target.digest !== target.digest)
                return undefined;
            now = () => found.at;
        }
        return now;
    }
    return {
        expect: (naming) => oneAtATime(async () => {
            const before = tags.get(keyOf(naming));
            const isKnown = before?.target.digest === naming.target.digest;
            // Who brings it again does so since it is gone, perhaps with bytes that nobody waited for any more.
            const tag = isKnown && naming.named ? before : await begin(naming);
            if (before && before !== tag)
                end(before);
            if (!tag)
                return;
            tags.set(keyOf(tag), tag);
            let whole = 0;
            for (const part of tag.parts)
                if (await advance(part))
                    whole += 1;
            if (whole > 0 && !naming.named) {
                unwritten.add(tag);
                await write(tag);
            }
            else if (whole === tag.parts.length) {
                end(tag);
            }
        }).catch(() => { }),
        arrived(digest) {
            if (!waiting.has(digest) && unwritten.size === 0)
                return;
            oneAtATime(async () => {
                for (const part of [...(waiting.get(digest) ?? [])]) {
                    part.missing?.delete(digest);
                    leave(digest, part);
                    if (await advance(part))
                        unwritten.add(part.tag);
                }
                for (const tag of [...unwritten])
                    await write(tag);
            }).catch(() => { });
        },
        settled: () => oneAtATime(async () => { }),
    };
}
/** What is no manifest stays so: nobody waits for it. */
const unreadable = () => undefined;
const keyOf = ({ names: [first = ''] }) => first;

// EXTERNAL MODULE: external "node:timers/promises"
var promises_ = __webpack_require__(8500);
// EXTERNAL MODULE: ./build/lib/deferred.js
var deferred = __webpack_require__(5705);
;// CONCATENATED MODULE: ./build/server/downloads.js



/** Clients that wait for the head of an answer do so for half a minute. */
const PATIENCE_MS = 20_000;
/** Downloads of which none has begun; `arrived` is told of each that is whole. */
function downloads({ registry, store, patienceMs = PATIENCE_MS }, arrived) {
    /** What is on its way; each resolves when it begins to come. */
    const fetching = new Map();
    /** What came last was not what its digest says. */
    const wrong = new Set();
    let ended = 0;
    async function start(repository, blob) {
        for (let seen = -1; !fetching.has(blob.digest);) {
            // What ended while the disk was asked may have brought it.
            if (seen === ended)
                return fetchBlob(repository, blob);
            seen = ended;
            if (await store.has(blob))
                return;
        }
    }
    function fetchBlob(repository, blob) {
        const { promise, resolve, reject } = (0,deferred/* newDeferred */.Y)();
        promise.catch(() => { });
        const over = () => {
            fetching.delete(blob.digest);
            ended += 1;
        };
        fetching.set(blob.digest, promise);
        store.write(blob, announced(registry.blob(repository, blob, 0, wrong.has(blob.digest)), resolve)).then(() => {
            over();
            wrong.delete(blob.digest);
            resolve();
            arrived(blob.digest);
        }, (error) => {
            over();
            if (error instanceof errors/* PullError */.YX && WRONG.has(error.code))
                wrong.add(blob.digest);
            reject(error);
        });
    }
    return {
        start,
        async begin(repository, blob) {
            await start(repository, blob);
            const begun = fetching.get(blob.digest);
            if (begun)
                await orLater(begun, patienceMs);
        },
    };
}
const WRONG = new Set(['DIGEST_MISMATCH', 'SIZE_MISMATCH']);
/** The content; `begins` is called when the first of it comes. */
async function* announced(content, begins) {
    for await (const part of content) {
        begins();
        yield part;
    }
}
async function orLater(work, ms) {
    const over = new AbortController();
    // Nobody's end waits for it.
    const later = (0,promises_.setTimeout)(ms, undefined, { signal: over.signal, ref: false }).catch(() => { });
    await Promise.race([work, later]).finally(() => over.abort());
}

;// CONCATENATED MODULE: ./build/server/read-through.js









/** Reads through to the registries; nothing is asked before somebody asks here. */
function readThroughTo(upstream) {
    const { registry, store } = upstream;
    const blobs = new Map();
    const learnt = new Set();
    const shared = (0,pool/* together */.bs)();
    const taken = new Map();
    /** What tags and indexes lead to: it is kept by their names. */
    const led = new Set();
    const awaited = awaitedNames(upstream);
    const { start, begin } = downloads(upstream, awaited.arrived);
    function know(repository, { config, layers }) {
        for (const blob of [config, ...layers])
            blobs.set(read_through_keyOf(repository, blob.digest), blob);
    }
    async function take(repository, document) {
        const content = (0,manifest/* parseDocument */.Tp)(document, (0,oci_reference/* canonicalName */.Ew)(repository));
        if (content.kind === 'index')
            for (const child of content.manifests)
                led.add(read_through_keyOf(repository, child.digest));
        const typed = { ...document, mediaType: content.mediaType };
        if (content.kind === 'manifest')
            know(repository, content);
        await writeDocument(store, typed);
        const target = (0,descriptor/* descriptorOf */.n)(typed);
        awaited.arrived(target.digest);
        taken.set(read_through_keyOf(repository, document.digest), target);
        return target;
    }
    const fetchTag = (repository, tag) => shared(`${(0,oci_reference/* canonicalName */.Ew)(repository)}:${tag}`, async () => {
        const { digest, document } = await registry.resolve(repository, tag);
        const target = document ? await take(repository, document) : await fetchDigest(repository, digest);
        led.add(read_through_keyOf(repository, target.digest));
        const full = (0,oci_reference/* canonicalReference */.Ys)({ ...repository, tag });
        void awaited.expect({ names: [...new Set([nameOf(repository, tag), full])], target });
        return target;
    });
    const fetchDigest = (repository, digest) => shared(read_through_keyOf(repository, digest), async () => {
        // What is counted is asked for once.
        const known = taken.get(read_through_keyOf(repository, digest));
        if (known && (await store.has(known)))
            return known;
        return take(repository, await registry.manifest(repository, digest));
    });
    /** As somebody who pulls by digest: it has no other name. */
    async function named(repository, digest) {
        const target = await fetchDigest(repository, digest);
        const names = [nameOf(repository, digest), read_through_keyOf(repository, digest)];
        if (!led.has(read_through_keyOf(repository, digest)))
            void awaited.expect({ names: [...new Set(names)], target });
        return target;
    }
    /** An index is read again while the store lacks a manifest of it. */
    async function learnFrom(repository, document, depth = 0) {
        const key = read_through_keyOf(repository, document.digest);
        if (learnt.has(key))
            return true;
        const content = (await readStored(store, document).catch(() => undefined))?.content;
        if (!content || depth > MAX_DEPTH)
            return false;
        let all = true;
        if (content.kind === 'manifest')
            know(repository, content);
        else
            for (const child of content.manifests)
                all = (await learnFrom(repository, child, depth + 1)) && all;
        if (all)
            learnt.add(key);
        return all;
    }
    return {
        manifest: (repository, reference) => (0,oci_digest/* isDigest */.Bc)(reference) ? named(repository, reference) : fetchTag(repository, reference),
        blob: (repository, digest) => blobs.get(read_through_keyOf(repository, digest)),
        async learn(repository, records) {
            for (const { name, target } of records) {
                await learnFrom(repository, target);
                const key = `${name} ${target.digest}`;
                if (learnt.has(key))
                    continue;
                learnt.add(key);
                void awaited.expect({ names: [name], target, named: true });
            }
        },
        held: awaited.arrived,
        begin,
        source: (repository) => ({
            async *open(blob, range) {
                await start(repository, blob);
                yield* store.open(blob, range);
            },
        }),
        tags: (repository) => registry.tags(repository),
        settled: awaited.settled,
    };
}
const read_through_keyOf = (repository, digest) => `${(0,oci_reference/* canonicalName */.Ew)(repository)}@${digest}`;

;// CONCATENATED MODULE: ./build/server/reading.js







/** Answers with the manifest or index of a tag or digest: what the store holds, else what upstream has. */
async function answerManifest({ request, response, shelf }, { path, reference }, desk) {
    const held = await desk.shelves.find(shelf, reference);
    if (held)
        desk.through?.held(held.digest);
    const found = held ?? (await fetched(shelf, reference, desk).catch(unlessPushing(request.method, path, reference, desk)));
    if (!found)
        throw new Refusal(404, 'MANIFEST_UNKNOWN', `${path} has no ${reference}`);
    await (0,answers/* send */.tN)(request, response, found, { blobs: desk.store, type: found.mediaType });
}
/** Who pushes asks first what is here, and takes no other answer for no: upstream may know nothing of the name, keep it to itself, or not be reached. */
function unlessPushing(method, path, reference, { pushed }) {
    return (error) => {
        const isNo = error instanceof errors/* PullError */.YX && NO.has(error.code);
        if (method !== 'HEAD' || !(isNo || (0,oci_digest/* isDigest */.Bc)(reference) || pushed.has(path)))
            throw error;
    };
}
/** What a registry says of a repository that it has not, or does not show. */
const NO = new Set(['UNAUTHORIZED', 'DENIED', 'NAME_UNKNOWN']);
/** Answers with a blob: out of the store, else of upstream if an image of the repository has it. What goes wrong before its first byte is said in words. */
async function answerBlob({ request, response, shelf }, { path, digest }, desk) {
    const type = 'application/octet-stream';
    const isPush = request.method === 'HEAD';
    if (isPush)
        desk.pushed.add(path);
    const size = await (isPush ? desk.told.sizeOf(path, digest) : desk.contents.sizeOf(digest));
    if (size !== undefined) {
        desk.through?.held(digest);
        return (0,answers/* send */.tN)(request, response, { mediaType: type, digest, size }, { blobs: desk.store, type });
    }
    const there = elsewhere(shelf, desk);
    const known = there && (await knownBlob(there, digest, desk));
    if (!known)
        throw new Refusal(404, 'BLOB_UNKNOWN', `${path} has no blob ${digest}`);
    const { through, upstream } = there;
    if (request.method === 'GET')
        await through.begin(upstream, known);
    await (0,answers/* send */.tN)(request, response, known, { blobs: through.source(upstream), type });
}
/** Has a blob in the store if an image of the repository upstream has it. Throws what upstream does. */
async function bringBlob(shelf, digest, desk) {
    const there = elsewhere(shelf, desk);
    const known = there && (await knownBlob(there, digest, desk));
    if (known)
        for await (const _ of there.through.source(there.upstream).open(known))
            ;
}
/** Answers with the tags of a repository, here and upstream. */
async function answerTagList({ response, shelf, query }, path, desk) {
    const { shelves, seen } = desk;
    // What can be refused without upstream is.
    const page = pageOf(query);
    const held = await shelves.tags(shelf);
    const there = elsewhere(shelf, desk);
    const others = there ? await there.through.tags(there.upstream).catch(refusing(held)) : [];
    const all = sortedTags([...held, ...others]);
    const known = all.length > 0 || seen.has(path) || (await shelves.namesIn(shelf.own)).length > 0;
    if (!known)
        throw new Refusal(404, 'NAME_UNKNOWN', `repository ${path} is not known here`);
    answerTags(response, path, all, page);
}
/** Where a name is read from that is not here; one of our own is nowhere else. */
function elsewhere({ upstream }, { through, domain, isOwn }) {
    if (!through || !upstream || upstream.domain === domain || isOwn?.(upstream.domain))
        return undefined;
    return { through, upstream };
}
async function fetched(shelf, reference, desk) {
    // What no registry can have is not sent to any: it might lead elsewhere there.
    if (!(0,oci_digest/* isDigest */.Bc)(reference) && !(0,oci_reference/* isTag */.dz)(reference))
        return undefined;
    const there = elsewhere(shelf, desk);
    if (there && (0,oci_digest/* isDigest */.Bc)(reference))
        await learn(there, desk);
    return there?.through.manifest(there.upstream, reference);
}
async function knownBlob(there, digest, desk) {
    const known = there.through.blob(there.upstream, digest);
    if (known)
        return known;
    await learn(there, desk);
    return there.through.blob(there.upstream, digest);
}
/** What the store holds of a repository may have come before this server began, or by another process. */
const learn = async ({ through, upstream }, { shelves }) => through.learn(upstream, await shelves.namesIn(upstream));
/** What is held is told where the upstream cannot be asked. */
const refusing = (held) => (error) => {
    if (held.length === 0)
        throw error;
    return [];
};

// EXTERNAL MODULE: ./build/server/routes.js
var routes = __webpack_require__(7078);
;// CONCATENATED MODULE: ./build/server/store-routes.js


const UPLOADS = /^\/v2\/(?<path>.+)\/blobs\/uploads(?:\/(?<id>[^/]*))?$/;
const OTHERS = /^\/v2\/(?<path>.+)\/(?<kind>blobs|referrers)\/(?<text>[^/]+)$/;
/** The route of a request path (distribution-spec v1.1, "Endpoints"); undefined for any other. */
function storeRouteOf(pathname) {
    const upload = UPLOADS.exec(pathname)?.groups;
    if (upload) {
        const { path = '', id = '' } = upload;
        return id === '' ? { kind: 'uploads', path } : { kind: 'upload', path, id };
    }
    const known = (0,routes/* routeOf */.L)(pathname);
    if (known)
        return known;
    const { path = '', kind, text = '' } = OTHERS.exec(pathname)?.groups ?? {};
    if (kind === undefined)
        return undefined;
    if (!(0,oci_digest/* isDigest */.Bc)(text))
        return { kind: 'bad digest', text };
    return kind === 'referrers' ? { kind, path, digest: text } : undefined;
}

;// CONCATENATED MODULE: ./build/server/take-uploads.js




/** The uploads of one server; those nobody ends go with it, or when the store is opened an hour after their last byte. */
function uploadsInto(contents, told) {
    const open = new Map();
    const unfinished = new Set();
    let ended = false;
    async function start() {
        const upload = await contents.upload();
        unfinished.add(upload);
        if (ended)
            await cancel(upload);
        return upload;
    }
    async function cancel(upload) {
        await upload.cancel();
        unfinished.delete(upload);
    }
    async function finish(response, path, id, upload, digest) {
        open.delete(id);
        try {
            // Before it is here: it may be one that another name loses.
            await told.keep(path, digest);
            await upload.keep(digest);
            unfinished.delete(upload);
        }
        catch (error) {
            await told.over(path, [digest]);
            await cancel(upload);
            throw error;
        }
        created(response, path, digest);
    }
    /** What a sweep took away is no upload any more. */
    const sweptIs404 = (id) => (error) => {
        if (!(error instanceof errors/* PullError */.YX) || error.code !== 'BLOB_UNKNOWN')
            throw error;
        open.delete(id);
        throw unknown();
    };
    return {
        async begin(request, response, path, query) {
            const [mount, whole] = [query.get('mount'), query.get('digest')];
            if (mount !== null && (await told.sizeOf(path, (0,oci_digest/* parseDigest */.m)(mount))) !== undefined)
                return created(response, path, (0,oci_digest/* parseDigest */.m)(mount));
            const digest = whole === null ? undefined : (0,oci_digest/* parseDigest */.m)(whole);
            const upload = await start();
            const id = (0,external_node_crypto_.randomUUID)();
            if (digest === undefined) {
                open.set(id, upload);
                return empty(response, 202, stateOf(path, id, upload));
            }
            await take(request, upload).catch(async (error) => {
                await cancel(upload);
                throw error;
            });
            await finish(response, path, id, upload, digest);
        },
        async go(request, response, { path, id, query }) {
            const upload = open.get(id);
            if (!upload)
                throw unknown();
            const state = () => stateOf(path, id, upload);
            if (request.method === 'GET' || request.method === 'HEAD') {
                if (!(await upload.exists()))
                    throw unknown();
                return empty(response, 204, state());
            }
            if (request.method === 'DELETE') {
                open.delete(id);
                await cancel(upload);
                return empty(response, 204);
            }
            // Read before the body: what is wrong with a request shall not cost the upload its bytes.
            const digest = request.method === 'PUT' ? (0,oci_digest/* parseDigest */.m)(query.get('digest') ?? '') : undefined;
            if (!(await take(request, upload).catch(sweptIs404(id))))
                throw new Refusal(416, 'BLOB_UPLOAD_INVALID', `expected the bytes from ${upload.size} on`, state());
            if (digest === undefined)
                return empty(response, 202, state());
            await finish(response, path, id, upload, digest).catch(sweptIs404(id));
        },
        async end() {
            ended = true;
            await Promise.all([...unfinished].map(cancel));
        },
    };
}
const unknown = () => new Refusal(404, 'BLOB_UPLOAD_UNKNOWN', 'no such upload: it has ended, was left alone for an hour, or never began');
const RANGE = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/(?:\d+|\*))?$/;
/** False if the chunk does not begin where the upload ends. Throws SIZE_MISMATCH if it is longer or shorter than it says, and nothing of it is kept. */
async function take(request, upload) {
    const header = request.headers['content-range'];
    if (header === undefined)
        return upload.append(request);
    const [, first, last] = RANGE.exec(header) ?? [];
    const [start, end] = [Number(first ?? Number.NaN), Number(last ?? Number.NaN)];
    const length = request.headers['content-length'];
    if (!(start <= end) || (length !== undefined && Number(length) !== end - start + 1))
        throw new Refusal(400, 'SIZE_INVALID', 'Content-Range: expected <first>-<last> as long as Content-Length says');
    return upload.append(request, start, end - start + 1);
}
function stateOf(path, id, { size }) {
    return {
        Location: `/v2/${path}/blobs/uploads/${id}`,
        Range: `0-${Math.max(0, size - 1)}`,
        'Docker-Upload-UUID': id,
    };
}
const created = (response, path, digest) => empty(response, 201, { Location: `/v2/${path}/blobs/${digest}`, 'Docker-Content-Digest': digest });
function empty(response, status, headers = {}) {
    response.writeHead(status, status === 204 ? headers : { 'Content-Length': 0, ...headers }).end();
}

;// CONCATENATED MODULE: ./build/server/told.js

/** So long who pushes may take from hearing that a blob is here to naming it: as long as a sweep spares blobs without a name. */
const LIFETIME_MS = 60 * 60 * 1000;
/** Blobs. Of more, those that were told of longest ago are kept no longer: whoever asks for everything is not to fill the memory. */
const MOST = 4096;
/** Nothing is told yet. All of it is one lease of the store, written anew with what is new and not with every question. */
function toldBy({ store, contents, now, }) {
    const tellings = new Map();
    let lease;
    let ended = false;
    const mark = (0,pool/* batched */.QE)(async () => {
        let room = MOST;
        for (const [key, { until, digests }] of [...tellings].reverse()) {
            room -= digests.length;
            if (room < 0 || until <= now())
                tellings.delete(key);
        }
        const all = ended ? [] : [...tellings.values()];
        const next = all.length > 0
            ? await store.lease(all.flatMap(({ digests }) => digests), LIFETIME_MS)
            : undefined;
        const before = lease;
        lease = next;
        for (const telling of all)
            telling.isMarked = true;
        if (before !== undefined)
            await store.release(before);
    });
    const marked = () => mark().catch(() => { });
    async function keep(path, digest, lists = []) {
        const key = told_keyOf(path, digest);
        const known = tellings.get(key);
        if (known)
            known.times += 1;
        if (known?.isMarked && known.until - now() > LIFETIME_MS / 2)
            return;
        // Behind all others, for those in front go first.
        tellings.delete(key);
        const times = known?.times ?? 1;
        const digests = [...new Set([digest, ...lists, ...(known?.digests ?? [])])];
        tellings.set(key, { digests, until: now() + LIFETIME_MS, times, isMarked: false });
        await marked();
    }
    async function over(path, digests) {
        let isLess = false;
        for (const digest of digests) {
            const telling = tellings.get(told_keyOf(path, digest));
            if (!telling)
                continue;
            telling.times -= 1;
            if (telling.times <= 0)
                isLess = tellings.delete(told_keyOf(path, digest)) || isLess;
        }
        if (isLess)
            await marked();
    }
    return {
        keep,
        over,
        async sizeOf(path, digest) {
            if ((await contents.sizeOf(digest)) === undefined)
                return undefined;
            await keep(path, digest);
            // A sweep may have been under way before it was marked.
            const size = await contents.sizeOf(digest);
            if (size === undefined)
                await over(path, [digest]);
            return size;
        },
        async forget(digest) {
            const keys = [...tellings].filter(([, { digests }]) => digests.includes(digest)).map(([key]) => key);
            for (const key of keys)
                tellings.delete(key);
            if (keys.length > 0)
                await marked();
        },
        async end() {
            ended = true;
            await marked();
        },
    };
}
const told_keyOf = (path, digest) => `${digest} ${path}`;

// EXTERNAL MODULE: external "node:net"
var external_node_net_ = __webpack_require__(7030);
;// CONCATENATED MODULE: ./build/server/web-page.js

/**
 * What of a request only a browser sends for a web page, in words; undefined where a registry client or a person may have asked. A page may send a request to this
 * machine, and read the answer by a name of its own that leads here; it can leave out neither `Origin`, `Sec-Fetch-Site` nor `Accept-Language` where a browser
 * sends them (Fetch standard), nor say another `Host`.
 */
function signOfPage(headers) {
    if (headers.origin !== undefined)
        return 'an Origin header';
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'none')
        return 'a Sec-Fetch-Site header';
    // No registry client says in which language it reads; browsers tell a server by a foreign name nothing else that a page could not change.
    if (headers['accept-language'] !== undefined && !isOfThisMachine(headers.host))
        return 'an Accept-Language header for a name that is not localhost';
    return undefined;
}
/** True for `localhost` and for addresses, to which no page can give another meaning. */
function isOfThisMachine(host = '') {
    const name = host.replace(/:\d+$/, '').toLowerCase();
    return name === 'localhost' || name.endsWith('.localhost') || (0,external_node_net_.isIP)(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

;// CONCATENATED MODULE: ./build/server/store-registry.js
















/**
 * Serves a store as a registry that is pulled from and pushed to (distribution-spec v1.1, all four workflows), for several clients at once, until it is closed.
 * What is pushed is in the store, named `localhost:PORT/…`, when the answer goes out. Throws INPUT_INVALID if nobody can listen at the place.
 */
async function serveStore(parts, place) {
    const { store, contents, upstream } = parts;
    const shelves = shelvesOf(store, contents);
    const through = upstream && readThroughTo({ ...parts, registry: upstream });
    const told = toldBy(parts);
    const uploads = uploadsInto(contents, told);
    const shared = {
        ...parts,
        shelves,
        through,
        uploads,
        told,
        inTurn: (0,pool/* gates */.VF)(1),
        seen: new Set(),
        pushed: recent(10_000),
    };
    let domain = '';
    const listening = await (0,listen/* listen */.K)(async (request, response) => {
        try {
            await answer(request, response, { ...shared, domain });
        }
        catch (error) {
            answerError(response, error);
        }
    }, place);
    domain = `localhost:${listening.port}`;
    return {
        port: listening.port,
        async close() {
            await listening.close();
            await uploads.end();
            await told.end();
            await through?.settled();
        },
    };
}
async function answer(request, response, desk) {
    response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0');
    refuseStrangers(request, desk);
    const { pathname, searchParams: query } = (0,routes/* urlOf */.r)(request);
    const route = storeRouteOf(pathname);
    if (!route)
        throw new Refusal(404, 'NAME_UNKNOWN', 'no such endpoint');
    const allowed = METHODS[route.kind];
    if (!allowed.includes(request.method ?? ''))
        throw new Refusal(405, 'UNSUPPORTED', `${request.method} is not for this endpoint`, { Allow: allowed.join(', ') });
    if (route.kind === 'base')
        return (0,answers/* json */.Pq)(response, {});
    if (route.kind === 'bad digest')
        throw new Refusal(400, 'DIGEST_INVALID', 'expected sha256:<64 hex digits>');
    const shelf = shelfOf(route.path, query.get('ns') ?? undefined, desk.domain);
    const ask = { request, response, shelf, query };
    if (route.kind === 'manifest')
        return store_registry_manifest(ask, route, desk);
    if (route.kind === 'blob' && request.method === 'DELETE')
        return deleteBlob(response, route.digest, desk);
    if (route.kind === 'blob')
        return answerBlob(ask, route, desk);
    if (route.kind === 'tags')
        return answerTagList(ask, route.path, desk);
    if (route.kind === 'uploads') {
        desk.pushed.add(route.path);
        return desk.uploads.begin(request, response, route.path, query);
    }
    if (route.kind === 'upload')
        return desk.uploads.go(request, response, { ...route, query });
    return answerReferrers(response, { repository: shelf.own, digest: route.digest, query }, desk);
}
async function store_registry_manifest(ask, at, desk) {
    const { request, response, shelf } = ask;
    if (request.method === 'DELETE')
        return deleteManifest(response, { shelf, reference: at.reference }, desk);
    if (request.method !== 'PUT')
        return answerManifest(ask, at, desk);
    const bring = (digest) => bringBlob(shelf, digest, desk);
    await putManifest(request, response, { shelf, ...at }, { ...desk, bring });
    desk.seen.add(at.path);
}
function refuseStrangers({ headers }, { userAgent }) {
    const sign = signOfPage(headers);
    if (sign)
        throw new Refusal(403, 'DENIED', `expected a registry client, found ${sign}: web pages are not served`);
    if (userAgent !== undefined && headers['user-agent'] === userAgent)
        throw new Refusal(421, 'UNSUPPORTED', 'this server asks itself: it is among the mirrors it reads through');
}
const METHODS = {
    base: ['GET', 'HEAD'],
    manifest: ['GET', 'HEAD', 'PUT', 'DELETE'],
    blob: ['GET', 'HEAD', 'DELETE'],
    tags: ['GET', 'HEAD'],
    uploads: ['POST'],
    upload: ['GET', 'HEAD', 'PATCH', 'PUT', 'DELETE'],
    referrers: ['GET', 'HEAD'],
    'bad digest': ['GET', 'HEAD', 'DELETE'],
};

// EXTERNAL MODULE: external "node:fs/promises"
var external_node_fs_promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: ./build/store/blob-file.js
var blob_file = __webpack_require__(2886);
// EXTERNAL MODULE: ./build/store/exclusive.js + 1 modules
var store_exclusive = __webpack_require__(8674);
// EXTERNAL MODULE: ./build/store/lease.js
var lease = __webpack_require__(2948);
// EXTERNAL MODULE: ./build/store/names.js
var store_names = __webpack_require__(7130);
// EXTERNAL MODULE: ./build/store/reachable.js
var reachable = __webpack_require__(5665);
// EXTERNAL MODULE: ./build/store/root-index.js
var root_index = __webpack_require__(3445);
// EXTERNAL MODULE: ./build/store/disk-error.js
var disk_error = __webpack_require__(7098);
// EXTERNAL MODULE: ./build/store/fill.js + 3 modules
var fill = __webpack_require__(3002);
// EXTERNAL MODULE: ./build/store/ingest.js
var ingest = __webpack_require__(6388);
;// CONCATENATED MODULE: ./build/store/upload.js






/** A blob that comes in parts: they lie in `ingest/` until the whole is proved, and go with `cancel`, or an hour after the last. */
async function beginUpload(root, signal) {
    const path = (0,ingest/* ingestPath */.cu)(root);
    await (0,disk_error/* onDisk */.FC)(path, (await (0,disk_error/* onDisk */.FC)(path, (0,external_node_fs_promises_.open)(path, 'wx', 0o600))).close());
    const oneAtATime = (0,pool/* gate */.Gj)(1);
    let size = 0;
    async function append(content, length = Number.POSITIVE_INFINITY) {
        const handle = await (0,disk_error/* unlessAbsent */.QY)(path, (0,external_node_fs_promises_.open)(path, 'r+'));
        if (!handle)
            throw new errors/* PullError */.YX('BLOB_UNKNOWN', 'upload', 'nothing came for so long that a sweep took it away');
        const start = size;
        let came = 0;
        try {
            // What is too much is read to its end, or nobody would hear the answer.
            for await (const chunk of content) {
                came += chunk.byteLength;
                if (came > length)
                    continue;
                await (0,disk_error/* onDisk */.FC)(path, (0,fill/* writeAll */.f)(handle, chunk, size));
                size += chunk.byteLength;
            }
            if (length === Number.POSITIVE_INFINITY || came === length)
                return;
            size = start;
            await (0,disk_error/* onDisk */.FC)(path, handle.truncate(start));
            throw new errors/* PullError */.YX('SIZE_MISMATCH', 'upload', `expected a chunk of ${length} bytes, found ${came}`);
        }
        finally {
            await handle.close();
        }
    }
    return {
        get size() {
            return size;
        },
        exists: async () => (await (0,disk_error/* unlessAbsent */.QY)(path, (0,external_node_fs_promises_.lstat)(path))) !== undefined,
        append: (content, from, length) => oneAtATime(async () => {
            if (from !== undefined && from !== size)
                return false;
            await append(content, length);
            return true;
        }),
        keep: (digest) => oneAtATime(() => (0,ingest/* adoptBlob */.Y)(root, path, { digest, size }, signal)),
        cancel: () => oneAtATime(() => (0,disk_error/* onDisk */.FC)(path, (0,external_node_fs_promises_.rm)(path, { force: true }))),
    };
}

;// CONCATENATED MODULE: ./build/store/contents.js








/** What the layout in this folder holds, and its way out; a store must have been opened there before. */
function storeContents(root, options = {}) {
    const { now = Date.now, signal } = options;
    const exclusive = (0,store_exclusive/* exclusiveIn */.I)(root, options);
    return {
        names: () => (0,store_names/* listNames */.Zv)(root),
        sizeOf: (digest) => sizeOf(root, digest),
        upload: () => beginUpload(root, signal),
        async forget(names) {
            if (names.length === 0)
                return;
            await exclusive(async () => {
                // First of all from index.json: there a name without a file would be taken for another tool's.
                await (0,root_index/* rebuildIndex */.Ki)(root, new Set(names));
                for (const name of names)
                    await (0,store_names/* removeName */.ok)(root, name);
            });
        },
        remove: (digest) => exclusive(async () => {
            if (await isNeeded(root, digest, now()))
                return false;
            await (0,blob_file/* removeBlob */.uZ)(root, digest);
            return true;
        }),
    };
}
async function sizeOf(root, digest) {
    const found = await (0,external_node_fs_promises_.lstat)((0,blob_file/* blobFile */.c7)(root, digest)).catch(() => undefined);
    return found?.isFile() ? found.size : undefined;
}
async function isNeeded(root, digest, now) {
    if ((await (0,lease/* leasedDigests */.EX)(root, now)).blobs.has(digest))
        return true;
    const records = await (0,store_names/* listNames */.Zv)(root);
    const reached = await (0,reachable/* storeWalk */.z)(root)([...records.flatMap(reachable/* startsOf */.j), ...(await (0,root_index/* foreignTargets */.tp)(root, records))]);
    return reached.has(digest);
}

// EXTERNAL MODULE: ./build/store/layout-store.js + 2 modules
var layout_store = __webpack_require__(9614);
// EXTERNAL MODULE: ./build/wire.js + 42 modules
var wire = __webpack_require__(8706);
;// CONCATENATED MODULE: ./build/wire/serving.js







/**
 * The store as a registry at the place; with `access` what the store lacks is read from the registries it names, but never from this server itself. Throws
 * STORE_UNUSABLE or INPUT_INVALID.
 */
async function openServing(place, access, world, patienceMs) {
    const { environment, signal } = world;
    const options = { run: (0,wire/* runOf */.ng)(environment), signal };
    const store = await (0,layout_store/* openStore */.C)(world.store, options);
    let isOwn = (_) => false;
    // Names of this machine that only a resolver knows are told by who asks.
    const own = { isOwn: (host) => isOwn(host), userAgent: `${wire/* USER_AGENT */._O} (serve ${(0,external_node_crypto_.randomUUID)()})` };
    const upstream = access && (await (0,wire/* openRegistry */.Me)(access, world, own));
    const contents = storeContents(store.root, options);
    const parts = { store, contents, readable: readable/* readableTarget */.M, upstream, ...own, patienceMs, now: Date.now };
    const listening = await serveStore(parts, place).catch(async (error) => {
        await upstream?.close();
        throw error;
    });
    isOwn = ownPlace({ host: place.host, port: listening.port });
    return {
        port: listening.port,
        async close() {
            await listening.close();
            await upstream?.close();
        },
    };
}

// EXTERNAL MODULE: ./build/cli/options.js
var cli_options = __webpack_require__(2315);
// EXTERNAL MODULE: ./build/cli/store-path.js
var store_path = __webpack_require__(1482);
;// CONCATENATED MODULE: ./build/cli/serve.js









/**
 * `serve`: the store as a registry, until the signal is aborted. Says where it listens as soon as it does. Returns the exit code; throws INPUT_INVALID for a place
 * where nobody can listen, STORE_UNUSABLE for a store nobody can write to.
 */
async function serveCommand(options, signal, say, stdin) {
    const port = Number(options.port);
    if (!/^\d+$/.test(options.port) || port > 65_535) {
        const reason = `expected a port from 0 to 65535, found ${JSON.stringify((0,clean/* clean */.uH)(options.port, 100))}`;
        throw new errors/* PullError */.YX('INPUT_INVALID', '--port', reason);
    }
    const access = await readAccess(options.inputsStdin ? (await (0,consumers_.json)(stdin)) : inputsOf(options));
    const store = (0,store_path/* storePath */.T)(options.store);
    const world = { environment: process.env, store, report: (0,reporter/* createReporter */.A)(), signal };
    const serving = await openServing({ host: options.host, port }, options.readThrough ? access : undefined, world);
    const host = options.host.includes(':') ? `[${options.host}]` : options.host;
    say(`Serving ${store} at http://${host}:${serving.port}${options.readThrough ? ', and what it lacks from upstream' : ''}`);
    if (!signal.aborted)
        await (0,external_node_events_.once)(signal, 'abort');
    await serving.close();
    return 0;
}
const inputsOf = (options) => ({
    ...(0,cli_options/* registryInputs */.P4)(options),
    'max-concurrent-downloads': options.maxConcurrentDownloads,
});


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


/***/ })

};
