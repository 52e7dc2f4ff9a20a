export const id = 104;
export const ids = [104];
export const modules = {

/***/ 104:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   storeLs: () => (/* binding */ storeLs),
/* harmony export */   storeSweep: () => (/* binding */ storeSweep),
/* harmony export */   storeVerify: () => (/* binding */ storeVerify)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _images_entries_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4539);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1525);
/* harmony import */ var _lib_format_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(177);
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(1564);
/* harmony import */ var _columns_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(1954);
/* harmony import */ var _open_store_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(1041);







/** `store ls`: a line an image by the name Docker prints, or by what is no image's name as it is, the last used first. Returns the exit code. */
async function storeLs({ store }, say, now = Date.now()) {
    const { root, care } = await (0,_open_store_js__WEBPACK_IMPORTED_MODULE_4__/* .careOf */ .N)(store);
    const rows = rowsOf(await care.list());
    if (rows.length === 0)
        say(`No images in ${root}`);
    else
        for (const line of table(rows, now))
            say(line);
    return 0;
}
/** `store verify`: says what was wrong and is gone, and what to do. Returns the exit code, 1 if anything was wrong. */
async function storeVerify({ store }, say) {
    const { root, care } = await (0,_open_store_js__WEBPACK_IMPORTED_MODULE_4__/* .careOf */ .N)(store);
    const { blobs, bytes, wrong } = await care.verify();
    if (wrong.length === 0) {
        say(`${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_5__/* .count */ .U9)(blobs, 'blob')}, ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_5__/* .formatBytes */ .z3)(bytes)}: all are what their names say`);
        return 0;
    }
    for (const { digest, reason } of wrong)
        say(`✗ ${digest}: ${(0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_2__/* .clean */ .uH)(reason)}`);
    say(`Removed ${wrong.length} of ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_5__/* .count */ .U9)(blobs, 'blob')} from ${root}. Pull the images again: only what is gone is fetched.`);
    return 1;
}
/** `store sweep`: says what went. Returns the exit code; throws INPUT_INVALID for a size that is none. */
async function storeSweep({ store, maxSize = '' }, say) {
    const limit = (0,_lib_format_js__WEBPACK_IMPORTED_MODULE_5__/* .parseBytes */ .z_)(maxSize);
    if (limit === undefined) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('INPUT_INVALID', '--max-size', `expected a size such as 500MB or 20GB, found ${JSON.stringify((0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_2__/* .clean */ .uH)(maxSize, 100))}`);
    }
    const { root, care } = await (0,_open_store_js__WEBPACK_IMPORTED_MODULE_4__/* .careOf */ .N)(store);
    const { images, bytes } = await care.sweep(limit);
    const went = images > 0 ? `${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_5__/* .count */ .U9)(images, 'image')}, ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_5__/* .formatBytes */ .z3)(bytes)}` : (0,_lib_format_js__WEBPACK_IMPORTED_MODULE_5__/* .formatBytes */ .z3)(bytes);
    if (images > 0 || bytes > 0)
        say(`Removed ${went}, from ${root}`);
    else
        say(`Removed nothing from ${root}: it takes no more than ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_5__/* .formatBytes */ .z3)(limit)}, or jobs use what it holds`);
    return 0;
}
/** An image is recorded under several texts, for the sake of those who read the store; its platforms have names besides. */
function rowsOf(images) {
    const entries = (0,_images_entries_js__WEBPACK_IMPORTED_MODULE_1__/* .entriesOf */ .M)(images);
    const meant = new Set(entries.flatMap(({ recorded }) => recorded));
    const rows = [
        ...entries.filter(({ part }) => !part),
        ...images.filter(({ name }) => !meant.has(name)),
    ];
    return rows.toSorted((a, b) => b.usedAt - a.usedAt);
}
/** The names last, for they are long. */
function table(images, now) {
    const rows = images.map(({ name, target, bytes, usedAt }) => [
        (0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_3__/* .briefDigest */ .HA)(target),
        (0,_lib_format_js__WEBPACK_IMPORTED_MODULE_5__/* .formatBytes */ .z3)(bytes),
        `${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_5__/* .formatAge */ .nV)(now - usedAt)} ago`,
        (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_2__/* .clean */ .uH)(name),
    ]);
    return (0,_columns_js__WEBPACK_IMPORTED_MODULE_6__/* .columns */ .Y)([['DIGEST', 'SIZE', 'LAST USED', 'NAME'], ...rows]);
}


/***/ })

};
