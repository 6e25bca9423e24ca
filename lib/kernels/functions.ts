/** The functions of kernels/*.ts, which say what they take; numbers are addresses in `memory` unless they say otherwise. */
export interface Kernels {
  heapBase: { value: number };
  sumBytes(data: number, count: number): number;
  isHard(data: number, count: number): number;
  startRow(x: number, y: number, count: number, row: number): void;
  project(x: number, y: number, count: number, matrix: number): void;
  bend(x: number, y: number, count: number, ...lens: number[]): void;
  lookUp(x: number, count: number, list: number, length: number): void;
  shift(x: number, y: number, count: number, across: number, down: number, ...grid: number[]): void;
  toFixed(x: number, count: number, out: number): void;
  seenArea(x: number, y: number, nextX: number, nextY: number, alpha: number, ...size: number[]): number;
  sampleRow(source: number, width: number, height: number, x: number, y: number, ...rest: number[]): void;
  sampleAlphaRow(
    source: number,
    width: number,
    height: number,
    x: number,
    y: number,
    ...rest: number[]
  ): void;
  mapAll(data: number, pixels: number, table: number): void;
  mapEach(data: number, pixels: number, tables: number): void;
  sumLuma(data: number, pixels: number): number;
  saturate(data: number, pixels: number, factor: number, rest: number): void;
  shiftHsv(data: number, pixels: number, tables: number): void;
  fillRow(data: number, pixels: number, red: number, green: number, blue: number): void;
  addNoise(data: number, pixels: number, table: number, seed: number, shared: number): void;
  multiplyNoise(data: number, pixels: number, table: number, seed: number, shared: number): void;
  drawValues(data: number, pixels: number, table: number, seed: number): void;
  sensorNoise(data: number, pixels: number, turns: number, shares: number, seed: number): void;
  lightness(data: number, pixels: number, sums: number): void;
  pad(source: number, width: number, height: number, ...rest: number[]): void;
  convolve(padded: number, stride: number, bytes: number, height: number, ...rest: number[]): void;
  pickRow(source: number, list: number, pixels: number, out: number): void;
  median(padded: number, stride: number, bytes: number, height: number, radius: number, out: number): void;
  toLab(data: number, pixels: number, tables: number, l: number, a: number, b: number): void;
  fromLab(data: number, pixels: number, tables: number, l: number, a: number, b: number): void;
  equalize(plane: number, width: number, height: number, ...rest: number[]): void;
  extend(source: number, width: number, height: number, across: number, down: number, out: number): void;
  toPlanes(data: number, across: number, down: number, luma: number, blue: number, red: number): void;
  quantize(plane: number, across: number, down: number, steps: number, scratch: number): void;
  fromPlanes(data: number, width: number, height: number, across: number, ...rest: number[]): void;
  planesToRgb(planes: number, width: number, height: number, isWide: number, ...rest: number[]): void;
  halve(plane: number, width: number, height: number, out: number): void;
  greyOf(data: number, pixels: number, grey: number): void;
  shrinkGrey(grey: number, width: number, height: number, ...rest: number[]): void;
  fade(data: number, near: number, pixels: number, share: number, out: number): void;
  sumDetail(grey: number, width: number, height: number, side: number, ...rest: number[]): void;
  findPatch(one: number, other: number, stride: number, ...rest: number[]): void;
  addMoved(matte: number, fromWidth: number, fromHeight: number, fields: number, ...rest: number[]): void;
  measureSteps(picture: number, width: number, height: number, band: number, ...rest: number[]): void;
  tie(steps: number, count: number, blocks: number, rates: number, ...rest: number[]): void;
  markEdges(matte: number, width: number, height: number, reach: number, near: number): void;
  listBand(matte: number, near: number, count: number, low: number, high: number, list: number): number;
  sweep(field: number, width: number, band: number, count: number, ...rest: number[]): void;
  sumBlocks(picture: number, alpha: number, width: number, height: number, ...rest: number[]): void;
  pullBlocks(finer: number, numbers: number, width: number, height: number, ...rest: number[]): void;
  pushBlocks(sums: number, numbers: number, width: number, height: number, ...rest: number[]): void;
  erodeSquares(mask: number, width: number, height: number, before: number, after: number, ...rest: number[]): void;
  measureGradient(lab: number, width: number, height: number, gradient: number): void;
  measureDifference(lab: number, backdrop: number, count: number, ...planes: number[]): void;
  deepest(padded: number, stride: number, width: number, height: number, radius: number, out: number): void;
  blurRows(from: number, to: number, width: number, height: number, ...box: number[]): void;
  blurColumns(from: number, to: number, width: number, height: number, ...box: number[]): void;
}
