import { BACKGROUND, FOREGROUND, UNKNOWN, trimapOf } from '../../lib/matting/trimap';
import reference from '../reference/matting.json';
import { referencePicture } from './reference-picture';

const SIGNS: Record<number, string> = { [BACKGROUND]: '0', [FOREGROUND]: '1', [UNKNOWN]: '?' };

function rowsOf({ data, width, height }: ReturnType<typeof trimapOf>): string[] {
  return Array.from({ length: height }, (_, y) =>
    Array.from(data.subarray(y * width, (y + 1) * width), (value) => SIGNS[value]).join(''),
  );
}

function matte(rows: string[]) {
  const data = Uint8Array.from(rows.join(''), (sign) => Number(sign) * 255);
  return { data, width: rows[0].length, height: rows.length };
}

describe('trimapOf', () => {
  it('agrees with the erosion of scipy', () => {
    const { alpha } = referencePicture();
    expect(rowsOf(trimapOf(alpha, { erodeSize: reference.erode }))).toEqual(reference.trimap);
  });

  it.each([0, 1])('takes nothing away at a size of %i', (erodeSize) => {
    const rows = ['0011', '0011'];
    expect(rowsOf(trimapOf(matte(rows), { erodeSize }))).toEqual(rows);
  });

  it('goes on beyond the border', () => {
    const trimap = trimapOf(matte(['00000', '00000', '00010', '00000', '00000']), { erodeSize: 3 });
    expect(rowsOf(trimap)).toEqual(['00000', '00???', '00???', '00???', '00000']);
  });

  it('is sure only beyond its thresholds', () => {
    const alpha = { data: Uint8Array.from([9, 10, 240, 241]), width: 4, height: 1 };
    expect(rowsOf(trimapOf(alpha, { erodeSize: 0 }))).toEqual(['0??1']);
    const wide = { erodeSize: 0, foregroundThreshold: 239, backgroundThreshold: 11 };
    expect(rowsOf(trimapOf(alpha, wide))).toEqual(['0011']);
  });
});
