import type { ImageMetadata } from './types';

/** How a picture came to be, in the words of IPTC (cv.iptc.org/newscodes/digitalsourcetype). */
export type DigitalSource = 'compositeWithTrainedAlgorithmicMedia' | 'trainedAlgorithmicMedia';

/** Metadata by which machines can tell a generated picture: IPTC's DigitalSourceType, in an XMP packet. */
export function provenance(source: DigitalSource): ImageMetadata {
  const type = `http://cv.iptc.org/newscodes/digitalsourcetype/${source}`;
  return {
    xmp: [
      '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
      '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
      '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
      '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">',
      `<Iptc4xmpExt:DigitalSourceType>${type}</Iptc4xmpExt:DigitalSourceType>`,
      '</rdf:Description>',
      '</rdf:RDF>',
      '</x:xmpmeta>',
      '<?xpacket end="w"?>',
    ].join('\n'),
  };
}
