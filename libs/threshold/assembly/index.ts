// The kernel of the OT extension and of random vector OLE (specification sections 5 and 6), and of lists of points of
// secp256k1, on vectors and limbs, without a branch, an index or a loop bound that depends on a secret. Compiled by
// scripts/build-kernel.mjs to libs/threshold/src/multiplication/kernel/kernel-wasm.ts.
//
// All functions work in place on the arrays of layout.ts and curve/layout.ts; the host fills them, calls, reads, and wipes.
export { checkColumn } from './check-column';
export { addChoices, addMaskedRows, hashRows, transposeRows } from './extension';
export { shiftColumns, spread } from './correlation-hash';
export { ATILDE, BETA, BETA_BYTES, BLOCKS, COLUMNS, END, GADGET, HEX, INPUTS, MAX_ROWS } from './layout';
export { COLUMNS_OUT, HASH_KEY, NABLA, PARTNER_ROWS, PRODUCTS, ROWS_IN, TAGS, THETAS } from './layout';
export { allCanonical } from './limbs';
export { innerProducts, select } from './inner-products';
export { blind, unblind } from './rows';
export { addPoints, fillRoots } from './curve/affine';
export { CURVE_END, CURVE_POINTS, CURVE_SCALARS } from './curve/layout';
export { makeBaseTable, multiplyBase } from './curve/multiply-base';
export { multiplyPoints } from './curve/multiply-point';
