export const id = 769;
export const ids = [769];
export const modules = {

/***/ 4769:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   formatLock: () => (/* binding */ formatLock),
/* harmony export */   lockChanges: () => (/* binding */ lockChanges),
/* harmony export */   parseLock: () => (/* binding */ parseLock),
/* harmony export */   readLockFile: () => (/* binding */ readLockFile),
/* harmony export */   writeLockFile: () => (/* binding */ writeLockFile)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1455);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6760);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9473);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(1525);
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(1564);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(907);
/* harmony import */ var _yaml_source_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(8906);








const MEND = 'Write it anew with update-lock: true, or with pull-image lock.';
const ANOTHER = 'Let lock-file name a file that this user may read and write.';
/** What the lock file says, undefined if there is none; throws INPUT_INVALID for one that is not as `docs/lock-file.schema.json` has it. */
async function readLockFile(file) {
    let text;
    try {
        text = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readFile)(file, 'utf8');
    }
    catch (cause) {
        if (cause.code === 'ENOENT')
            return undefined;
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX('INPUT_INVALID', (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_7__/* .clean */ .u)(file, 300), `cannot be read (${why(cause)})`, { hint: ANOTHER, cause });
    }
    return parseLock(text, (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_7__/* .clean */ .u)(file, 300));
}
const WORDS = {
    EISDIR: 'it is a folder',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOSPC: 'no space left',
};
function why(cause) {
    const { code = '' } = cause;
    return WORDS[code] ?? (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_7__/* .clean */ .u)(code || String(cause), 300);
}
/** The text of a lock file: sorted, a line a digest, the same text for the same lock. */
function formatLock(lock) {
    const images = sorted([...lock]).map(([name, { digest, platforms }]) => [
        name,
        { digest, platforms: Object.fromEntries(sorted(Object.entries(platforms))) },
    ]);
    return `${JSON.stringify({ version: 1, images: Object.fromEntries(images) }, null, 2)}\n`;
}
/** By code unit, so that every machine writes the same. */
const sorted = (entries) => [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
/** A lock out of its text; throws INPUT_INVALID with `subject` and the member that is wrong. */
function parseLock(text, subject) {
    const wrong = (reason) => new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX('INPUT_INVALID', subject, reason, { hint: MEND });
    let content;
    try {
        // Some editors begin a file with a mark that no JSON parser takes.
        content = JSON.parse(text.replace(/^\ufeff/, ''));
    }
    catch {
        if (/^<{7} /m.test(text))
            throw wrong('holds an unresolved merge');
        // What Node says quotes the text, and the text may be anything.
        throw wrong('is not JSON');
    }
    if (!(0,_yaml_source_js__WEBPACK_IMPORTED_MODULE_6__/* .isMap */ .jh)(content) || !(0,_yaml_source_js__WEBPACK_IMPORTED_MODULE_6__/* .isMap */ .jh)(content.images))
        throw wrong('expected an object with the member images');
    if (content.version !== 1) {
        throw wrong(`expected version 1, found ${shown(content.version, 50)}`);
    }
    return new Map(Object.entries(content.images).map(([name, image]) => [readName(name, wrong), readImage(name, image, wrong)]));
}
/** A value for people; what is nested is not written out, for it may be nested deep. */
function shown(value, limit) {
    if (typeof value === 'object' && value !== null)
        return Array.isArray(value) ? 'a list' : 'an object';
    return (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_7__/* .clean */ .u)(JSON.stringify(value) ?? 'nothing', limit);
}
function readName(name, wrong) {
    let full;
    try {
        const reference = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .parseReference */ .F2)(name);
        full = reference.tag !== undefined && reference.digest === undefined ? (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .canonicalReference */ .Ys)(reference) : undefined;
    }
    catch {
        full = undefined;
    }
    if (full === name)
        return name;
    throw wrong(`expected a full reference with a tag, such as docker.io/library/redis:7, found ${JSON.stringify((0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_7__/* .clean */ .u)(name, 300))}`);
}
function readImage(name, image, wrong) {
    const digestIn = (value, where) => {
        if ((0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_4__/* .isDigest */ .Bc)(value))
            return value;
        throw wrong(`${(0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_7__/* .clean */ .u)(name, 300)}: expected ${where} to be sha256:<64 hex digits>, found ${shown(value, 100)}`);
    };
    if (!(0,_yaml_source_js__WEBPACK_IMPORTED_MODULE_6__/* .isMap */ .jh)(image) || !(0,_yaml_source_js__WEBPACK_IMPORTED_MODULE_6__/* .isMap */ .jh)(image.platforms))
        throw wrong(`${(0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_7__/* .clean */ .u)(name, 300)}: expected digest and platforms`);
    const platforms = Object.entries(image.platforms).map(([platform, digest]) => [platform, digestIn(digest, (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_7__/* .clean */ .u)(platform, 100))]);
    return { digest: digestIn(image.digest, 'digest'), platforms: Object.fromEntries(platforms) };
}
/** Writes the lock, whole or not at all; a file that says the same already is not touched. Returns how it differs from what the file said before. */
async function writeLockFile(file, lock) {
    const text = formatLock(lock);
    const before = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readFile)(file, 'utf8').catch(() => undefined);
    if (before !== text) {
        const fresh = `${file}.${(0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomUUID)()}.tmp`;
        try {
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.mkdir)(node_path__WEBPACK_IMPORTED_MODULE_2__.dirname(file), { recursive: true });
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.writeFile)(fresh, text, { flag: 'wx' });
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rename)(fresh, file);
        }
        catch (cause) {
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(fresh, { force: true }).catch(() => { });
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX('INPUT_INVALID', (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_7__/* .clean */ .u)(file, 300), `cannot be written (${why(cause)})`, {
                hint: ANOTHER,
                cause,
            });
        }
    }
    return lockChanges(readable(before, file), lock);
}
/** A file that says nothing is replaced like one that is not there. */
function readable(text, file) {
    try {
        return text === undefined ? new Map() : parseLock(text, file);
    }
    catch {
        return new Map();
    }
}
/** How one lock differs from another; a tag has moved if its digest has changed. */
function lockChanges(before, after) {
    const names = sorted([...after]).map(([name]) => name);
    return {
        references: after.size,
        added: names.filter((name) => !before.has(name)),
        moved: names.flatMap((reference) => {
            const locked = before.get(reference)?.digest;
            const now = after.get(reference)?.digest;
            return locked && now && locked !== now ? [{ reference, locked, now }] : [];
        }),
        dropped: sorted([...before])
            .map(([name]) => name)
            .filter((name) => !after.has(name)),
    };
}


/***/ }),

/***/ 8906:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $E: () => (/* binding */ contentOf),
/* harmony export */   $t: () => (/* binding */ placeOf),
/* harmony export */   eV: () => (/* binding */ parseDocuments),
/* harmony export */   jh: () => (/* binding */ isMap),
/* harmony export */   qB: () => (/* binding */ tagAt)
/* harmony export */ });
/* harmony import */ var yaml__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8815);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9473);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1525);



/** More aliases than this are a bomb, not a file. */
const MAX_ALIASES = 10_000;
/** The documents of a YAML file (JSON is YAML); throws INPUT_INVALID with file and line for what is no YAML. */
function parseDocuments(file, text) {
    const lines = new yaml__WEBPACK_IMPORTED_MODULE_0__/* .LineCounter */ .HN();
    const documents = (0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .parseAllDocuments */ .hR)(text, { lineCounter: lines, merge: true, uniqueKeys: false, logLevel: 'error' });
    return [...documents].map((document) => {
        const [error] = document.errors;
        if (!error)
            return { file, document, lines };
        const reason = (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_2__/* .clean */ .u)(error.message.split('\n')[0] ?? '', 300).replace(/ at line \d+, column \d+:?$/, '');
        const at = `${file}:${lines.linePos(error.pos[0]).line}`;
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX('INPUT_INVALID', at, `is not YAML: ${reason}`, { cause: error });
    });
}
/** What the document says, aliases and merge keys resolved; throws INPUT_INVALID for one whose aliases do not end, or lead back to themselves. */
function contentOf({ file, document }) {
    let content;
    try {
        content = document.toJS({ maxAliasCount: MAX_ALIASES });
    }
    catch (cause) {
        const reason = `is not YAML: ${(0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_2__/* .clean */ .u)(cause instanceof Error ? cause.message : String(cause), 300)}`;
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX('INPUT_INVALID', file, reason, { cause });
    }
    if (isCircular(content, new Set(), new Set()))
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX('INPUT_INVALID', file, 'is not YAML that ends: an alias leads back to itself');
    return content;
}
/** True if something holds itself; each thing is looked into once, however often it is meant. */
function isCircular(value, above, ended) {
    if (typeof value !== 'object' || value === null || ended.has(value))
        return false;
    if (above.has(value))
        return true;
    above.add(value);
    const found = Object.values(value).some((inner) => isCircular(inner, above, ended));
    above.delete(value);
    ended.add(value);
    return found;
}
/** `file:line` of the key or item at the path, or of the nearest one above it that is written out (what an alias or a merge key brings has its text elsewhere). */
function placeOf({ file, document, lines }, path) {
    for (let end = path.length; end > 0; end -= 1) {
        const above = document.getIn(path.slice(0, end - 1), true);
        const pair = (0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isMap */ .jh)(above)
            ? above.items.find(({ key }) => (0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isScalar */ .jn)(key) && key.value === path[end - 1])
            : undefined;
        const node = pair?.key ?? document.getIn(path.slice(0, end), true);
        if ((0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isNode */ .Ll)(node) && node.range)
            return `${file}:${lines.linePos(node.range[0]).line}`;
    }
    return file;
}
/** The tag of the node at the path that is none of YAML's own, such as `!reset`; undefined if it has none. */
function tagAt({ document }, path) {
    const node = document.getIn(path, true);
    return (0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isNode */ .Ll)(node) && node.tag?.startsWith('!') ? node.tag : undefined;
}
/** True for a mapping. */
function isMap(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}


/***/ })

};
