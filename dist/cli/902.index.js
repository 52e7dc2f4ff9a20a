export const id = 902;
export const ids = [902];
export const modules = {

/***/ 902:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   progressBar: () => (/* binding */ progressBar)
/* harmony export */ });
/* unused harmony export barLines */
/* harmony import */ var log_update__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2210);
/* harmony import */ var _lib_format_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(177);
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1564);



const EVERY_MS = 100;
/** What is here sooner gets no line: nobody could read it. */
const LINE_MS = 500;
/** The bar for all, and the line the cursor is on. */
const OWN_ROWS = 2;
/** Bars that are not drawn yet; `now` is in milliseconds since any fixed moment, and the download has begun. */
function progressBar(stream, now = Date.now) {
    // The cursor stays: nothing is to be put right if the process is killed.
    const screen = (0,log_update__WEBPACK_IMPORTED_MODULE_1__/* .createLogUpdate */ .SY)(stream, { showCursor: true });
    const startedAt = now();
    const arriving = new Map();
    let drawnAt = Number.NEGATIVE_INFINITY;
    let frame;
    const clear = () => {
        if (frame !== undefined)
            screen.clear();
    };
    const note = (blob) => {
        const known = arriving.get(blob.digest);
        if (blob.arrived <= 0)
            arriving.delete(blob.digest);
        else if (known)
            known.blob = blob;
        else
            arriving.set(blob.digest, { since: now(), blob });
    };
    const frameOf = (progress) => {
        const { columns = 80, rows = 24 } = stream;
        const slow = [...arriving.values()].filter(({ since }) => drawnAt - since >= LINE_MS);
        const blobs = slow.slice(0, Math.max(0, rows - OWN_ROWS)).map(({ blob }) => blob);
        return barLines(progress, blobs, (drawnAt - startedAt) / 1000, columns).join('\n');
    };
    return {
        show(progress) {
            if (progress.blob)
                note(progress.blob);
            if (progress.layersDone === progress.layers) {
                clear();
                frame = undefined;
            }
            else if (now() - drawnAt >= EVERY_MS) {
                drawnAt = now();
                frame = frameOf(progress);
                screen(frame);
            }
        },
        stored: (digest) => void arriving.delete(digest),
        write(text) {
            clear();
            stream.write(text);
            if (frame !== undefined)
                screen(frame);
        },
        close() {
            clear();
            frame = undefined;
        },
    };
}
const NARROWEST = 10;
const WIDEST = 40;
/** Before that a rate says nothing. */
const FIRST_SECONDS = 1;
/**
 * A line for each of the blobs, and one for all below them, none wider than the columns of the terminal: a bar where there is room for one, the same for all, then
 * what is known in figures.
 */
function barLines({ received, expected, layersDone, layers }, blobs, seconds, columns) {
    const share = shareOf(received, expected);
    const rate = seconds < FIRST_SECONDS ? 0 : Math.max(0, received / seconds);
    const text = figures(share, received, expected, [
        `${layersDone} of ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(layers, 'blob')}`,
        ...(rate > 0 ? [`${(rate / 1e6).toFixed(1)} MB/s`, `${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_2__/* .formatSeconds */ .Xo)((expected - received) / rate)} left`] : []),
    ]);
    const blobLines = blobs.map(({ digest, size, arrived }) => {
        const part = shareOf(arrived, size);
        return { part, text: figures(part, arrived, size, [(0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .shortDigest */ .VK)(digest)]) };
    });
    const lines = [...blobLines, { part: share, text }];
    const longest = Math.max(...lines.map((line) => line.text.length));
    const width = Math.min(WIDEST, columns - longest - 2);
    return lines.map((line) => {
        if (width < NARROWEST)
            return line.text.slice(0, Math.max(0, columns - 1));
        const filled = Math.round(line.part * width);
        return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${line.text}`;
    });
}
const shareOf = (bytes, of) => (of > 0 ? Math.min(1, Math.max(0, bytes / of)) : 0);
function figures(share, bytes, of, more) {
    const percent = `${Math.floor(share * 100)}%`.padStart(4);
    return [percent, `${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_2__/* .formatBytes */ .z3)(Math.max(0, bytes))} of ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_2__/* .formatBytes */ .z3)(of)}`, ...more].join('  ');
}


/***/ })

};
