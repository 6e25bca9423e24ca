import type { PlaneLayout } from '../planes';
import { readSps } from './sps';

/** What a track's configuration says of its samples. */
export type SampleForm = Pick<PlaneLayout, 'depth'> & {
  /** 400: luma alone. */
  chroma: PlaneLayout['chroma'] | '400';
  /** Frames may be two fields each. */
  mayInterlace: boolean;
};

/** By `chroma_format_idc`. */
const CHROMA = ['400', '420', '422', '444'] as const;

/**
 * @param codec the codec string of WebCodecs
 * @param description avcC or hvcC, where there is one
 * @param first the first packet, whose parameter sets stand for a description
 * @returns undefined where it cannot be told
 */
export function sampleForm(
  codec: string,
  description: Uint8Array | undefined,
  first: Uint8Array,
): SampleForm | undefined {
  const [kind, ...fields] = codec.split('.');
  if (kind === 'vp8') return form(1, 8);
  if (kind === 'vp09') return form(Math.max(1, Number(fields[3] ?? 1)), Number(fields[2] ?? 8));
  if (kind === 'av01') return av1Form(fields);
  if (/^(hev1|hvc1)$/.test(kind)) {
    // ISO/IEC 14496-15, 8.3.3.1.2.
    if (description && description.length > 17) return form(description[16] & 3, 8 + (description[17] & 7));
    return codec.includes('.2.') ? form(1, 10) : form(1, 8);
  }
  if (/^avc[13]$/.test(kind)) {
    const sps = readSps(description ?? first, description !== undefined);
    return sps && form(sps.chromaFormat, sps.depth, sps.mayInterlace);
  }
  return undefined;
}

function form(chromaFormat: number, depth: number, mayInterlace = false): SampleForm | undefined {
  const chroma = CHROMA[chromaFormat];
  return chroma && { chroma, depth, mayInterlace };
}

/** av01.profile.level.depth.monochrome.subsampling… */
function av1Form([profile, , depth = '8', mono = '0', sampling]: string[]): SampleForm | undefined {
  if (mono === '1') return form(0, Number(depth));
  const usual = profile === '1' ? '000' : profile === '2' ? '100' : '110';
  const chroma = { '11': 1, '10': 2, '00': 3 }[(sampling ?? usual).slice(0, 2)];
  return chroma === undefined ? undefined : form(chroma, Number(depth));
}
