export const id = 902;
export const ids = [902];
export const modules = {

/***/ 902:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   progressBar: () => (/* binding */ progressBar)
/* harmony export */ });
/* unused harmony export barLine */
/* harmony import */ var log_update__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2210);
/* harmony import */ var _lib_format_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(177);


const EVERY_MS = 100;
/** A bar that is not drawn yet; `now` is in milliseconds since any fixed moment, and the download has begun. */
function progressBar(stream, now = Date.now) {
    // The cursor stays: nothing is to be put right if the process is killed.
    const screen = (0,log_update__WEBPACK_IMPORTED_MODULE_0__/* .createLogUpdate */ .SY)(stream, { showCursor: true });
    const startedAt = now();
    let drawnAt = Number.NEGATIVE_INFINITY;
    let line;
    const clear = () => {
        if (line !== undefined)
            screen.clear();
    };
    return {
        show(progress) {
            if (progress.layersDone === progress.layers) {
                clear();
                line = undefined;
            }
            else if (now() - drawnAt >= EVERY_MS) {
                drawnAt = now();
                line = barLine(progress, (drawnAt - startedAt) / 1000, stream.columns ?? 80);
                screen(line);
            }
        },
        write(text) {
            clear();
            stream.write(text);
            if (line !== undefined)
                screen(line);
        },
        close() {
            clear();
            line = undefined;
        },
    };
}
const NARROWEST = 10;
const WIDEST = 40;
/** Before that a rate says nothing. */
const FIRST_SECONDS = 1;
/** One line no wider than the columns of the terminal: a bar where there is room for one, then what is known in figures. */
function barLine({ received, expected, layersDone, layers }, seconds, columns) {
    const share = expected > 0 ? Math.min(1, Math.max(0, received / expected)) : 0;
    const rate = seconds < FIRST_SECONDS ? 0 : Math.max(0, received / seconds);
    const facts = [
        `${Math.floor(share * 100)}%`.padStart(4),
        `${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_1__/* .formatBytes */ .z3)(Math.max(0, received))} of ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_1__/* .formatBytes */ .z3)(expected)}`,
        `${layersDone} of ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_1__/* .count */ .U9)(layers, 'blob')}`,
        ...(rate > 0 ? [`${(rate / 1e6).toFixed(1)} MB/s`, `${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_1__/* .formatSeconds */ .Xo)((expected - received) / rate)} left`] : []),
    ];
    const text = facts.join('  ');
    const width = Math.min(WIDEST, columns - text.length - 2);
    if (width < NARROWEST)
        return text.slice(0, Math.max(0, columns - 1));
    const filled = Math.round(share * width);
    return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${text}`;
}


/***/ })

};
