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
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(1525);
/* harmony import */ var _lib_records_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(9146);
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(1564);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(907);








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
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX('INPUT_INVALID', (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_4__/* .clean */ .uH)(file, 300), `cannot be read (${why(cause)})`, { hint: ANOTHER, cause });
    }
    return parseLock(text, (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_4__/* .clean */ .uH)(file, 300));
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
    return WORDS[code] ?? (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_4__/* .clean */ .uH)(code || String(cause), 300);
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
    if (!(0,_lib_records_js__WEBPACK_IMPORTED_MODULE_7__/* .isRecord */ .u4)(content) || !(0,_lib_records_js__WEBPACK_IMPORTED_MODULE_7__/* .isRecord */ .u4)(content.images))
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
    return (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_4__/* .clean */ .uH)(JSON.stringify(value) ?? 'nothing', limit);
}
function readName(name, wrong) {
    let full;
    try {
        const reference = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_6__/* .parseReference */ .F2)(name);
        full = reference.tag !== undefined && reference.digest === undefined ? (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_6__/* .canonicalReference */ .Ys)(reference) : undefined;
    }
    catch {
        full = undefined;
    }
    if (full === name)
        return name;
    throw wrong(`expected a full reference with a tag, such as docker.io/library/redis:7, found ${JSON.stringify((0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_4__/* .clean */ .uH)(name, 300))}`);
}
function readImage(name, image, wrong) {
    const digestIn = (value, where) => {
        if ((0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_5__/* .isDigest */ .Bc)(value))
            return value;
        throw wrong(`${(0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_4__/* .clean */ .uH)(name, 300)}: expected ${where} to be sha256:<64 hex digits>, found ${shown(value, 100)}`);
    };
    if (!(0,_lib_records_js__WEBPACK_IMPORTED_MODULE_7__/* .isRecord */ .u4)(image) || !(0,_lib_records_js__WEBPACK_IMPORTED_MODULE_7__/* .isRecord */ .u4)(image.platforms))
        throw wrong(`${(0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_4__/* .clean */ .uH)(name, 300)}: expected digest and platforms`);
    const platforms = Object.entries(image.platforms).map(([platform, digest]) => [platform, digestIn(digest, (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_4__/* .clean */ .uH)(platform, 100))]);
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
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX('INPUT_INVALID', (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_4__/* .clean */ .uH)(file, 300), `cannot be written (${why(cause)})`, {
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


/***/ })

};
