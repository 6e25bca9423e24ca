import type { INode } from 'n8n-workflow';

/** A rectangle of n8n's canvas, in its pixels. */
export interface Box {
  name: string;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** What n8n's canvas draws: squares of 96, agents and chains wider, the name below in two lines of up to 200. */
const NODE = { side: 96, wide: 256, name: 44, nameWidth: 200 };

/**
 * Pixels of a note in n8n's editor: what a character takes of text (14 px), of code (16 px) and of a heading (24 px), what
 * a line takes, and the room around them. Code that is wider than its note is cut off there.
 */
const NOTE = {
  text: 7.2,
  code: 9.7,
  codeLine: 17,
  title: 13,
  line: 22,
  gap: 10,
  heading: 36,
  around: 32,
  aroundCode: 56,
};

export const isNote = ({ type }: Pick<INode, 'type'>) => type === 'n8n-nodes-base.stickyNote';

/** Where a node and its name lie. */
export function boxOfNode({ name, type, position: [left, top] }: INode): Box {
  const width = /langchain\.(agent|chain)/.test(type) ? NODE.wide : NODE.side;
  const beside = Math.max(0, (NODE.nameWidth - width) / 2);
  return {
    name,
    left: left - beside,
    right: left + width + beside,
    top,
    bottom: top + NODE.side + NODE.name,
  };
}

export function boxOfNote({ name, position: [left, top], parameters }: INode): Box {
  const { width = 240, height = 160 } = parameters as { width?: number; height?: number };
  return { name, left, top, right: left + width, bottom: top + height };
}

/** Pairs that lie over each other, by their names. */
export function overlaps(boxes: Box[]): string[] {
  return boxes.flatMap((a, index) =>
    boxes
      .slice(index + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      .map((b) => `${a.name} and ${b.name}`),
  );
}

/** The size that a note needs: its longest line of code unbroken, its text broken at the note's width. */
export function sizeOfText(content: string, width: number): { width: number; height: number } {
  let height = NOTE.around;
  let widest = 0;
  for (const block of content.split(/(```[\s\S]*?```)/)) {
    const lines = block.split('\n').filter(Boolean);
    if (block.startsWith('```')) {
      const code = lines.slice(1, -1);
      widest = Math.max(widest, ...code.map((line) => line.length * NOTE.code + NOTE.aroundCode));
      height += code.length * NOTE.codeLine + NOTE.aroundCode;
    } else {
      for (const line of lines) {
        const [character, high] = line.startsWith('#') ? [NOTE.title, NOTE.heading] : [NOTE.text, NOTE.line];
        height += Math.ceil((line.length * character) / (width - NOTE.around)) * high + NOTE.gap;
      }
    }
  }
  return { width: widest, height };
}
