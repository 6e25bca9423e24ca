import { checkSize, failure } from './problems';
import { type VitrineError, type ImageLimits } from '../contracts';

/** Far more than a product drawing needs, far less than what stalls the renderer. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_ELEMENTS = 50_000;
const MAX_DEPTH = 200;
/** Elements drawn after every reference has been followed. */
const MAX_EXPANDED = 200_000;

/** Elements that load something, run something, or cost far more time than their size tells. */
const FORBIDDEN = [
  'image',
  'feImage',
  'script',
  'foreignObject',
  'filter',
  'iframe',
  'audio',
  'video',
  'animate',
  'include',
];

/**
 * Refuses drawings that would read files, reach the network, or take unbounded time or memory to draw. What
 * passes has no entities, no embedded or linked pictures, no filters, and a bounded number of drawn elements.
 * @throws VitrineError INVALID_IMAGE, TOO_LARGE
 */
export function checkSvg(bytes: Buffer, limits: ImageLimits): void {
  if (bytes.length > MAX_BYTES) throw tooMuch(`has ${bytes.length} bytes, over the limit of ${MAX_BYTES}`);
  if (/^(\xff\xfe|\xfe\xff|\0)/.test(bytes.toString('latin1', 0, 2))) throw refuse('is not encoded in UTF-8');
  const text = bytes.toString('utf8').replace(/<!--[\s\S]*?-->/g, '');
  if (/<!ENTITY/i.test(text) || /<!DOCTYPE[^>]*\[/i.test(text)) throw refuse('declares entities');
  if (/<!DOCTYPE[^>]*>/i.test(text) && /&(?!(amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i.test(text))
    throw refuse('uses entities');
  if (/<\?xml-stylesheet/i.test(text) || /@import/i.test(text))
    throw refuse('refers to a style sheet outside of it');
  for (const [, target] of text.matchAll(/url\(\s*["']?\s*([^"')\s]*)/gi)) {
    if (!target.startsWith('#')) throw refuse(`refers to ${JSON.stringify(target.slice(0, 60))}`);
  }
  checkExpansion(readElements(text));
  checkAnnouncedSize(text, limits);
}

interface Element {
  id?: string;
  children: Element[];
  references: string[];
}

function readElements(text: string): Element {
  const root: Element = { children: [], references: [] };
  const open = [root];
  let count = 0;
  const tags = /<(\/?)([\w:.-]+)((?:[^<>"']|"[^"]*"|'[^']*')*?)(\/?)>/g;
  for (const [, closing, name, attributes, empty] of text.matchAll(tags)) {
    if (closing) {
      if (open.length > 1) open.pop();
      continue;
    }
    if (++count > MAX_ELEMENTS) throw tooMuch(`has more than ${MAX_ELEMENTS} elements`);
    const local = name.replace(/^.*:/, '');
    if (FORBIDDEN.some((forbidden) => local.toLowerCase().startsWith(forbidden.toLowerCase()))) {
      throw refuse(`has a <${local}> element`);
    }
    const element: Element = { children: [], references: readReferences(attributes) };
    element.id = /(?:^|\s)id\s*=\s*["']([^"']*)["']/.exec(attributes)?.[1];
    open[open.length - 1].children.push(element);
    if (empty) continue;
    open.push(element);
    if (open.length > MAX_DEPTH) throw tooMuch(`is nested more than ${MAX_DEPTH} levels deep`);
  }
  return root;
}

function readReferences(attributes: string): string[] {
  const found: string[] = [];
  for (const [, , target] of attributes.matchAll(/(?:^|[\s:])href\s*=\s*(["'])\s*([^"']*)\1/gi)) {
    if (!target.startsWith('#')) throw refuse(`refers to ${JSON.stringify(target.slice(0, 60))}`);
    found.push(target.slice(1).trim());
  }
  for (const [, target] of attributes.matchAll(/url\(\s*["']?\s*#([^"')\s]*)/gi)) found.push(target);
  return found;
}

/** Counts what is drawn when every reference is followed, as `use` of groups of `use` grows exponentially. */
function checkExpansion(root: Element): void {
  const byId = new Map<string, Element>();
  const visit = (element: Element): void => {
    if (element.id !== undefined) byId.set(element.id, element);
    element.children.forEach(visit);
  };
  visit(root);
  const costs = new Map<Element, number>();
  const active = new Set<Element>();
  const cost = (element: Element): number => {
    const known = costs.get(element);
    if (known !== undefined) return known;
    if (active.has(element)) throw refuse('refers to itself');
    if (active.size > MAX_DEPTH * 4) throw tooMuch('refers from one element to the next too many times');
    active.add(element);
    let sum = 1;
    for (const child of element.children) sum += cost(child);
    for (const reference of element.references) {
      const target = byId.get(reference);
      if (target) sum += cost(target);
    }
    active.delete(element);
    if (sum > MAX_EXPANDED) throw tooMuch(`draws more than ${MAX_EXPANDED} elements`);
    costs.set(element, sum);
    return sum;
  };
  cost(root);
}

/** The size in plain numbers or px; other units are checked when the renderer has read them. */
function checkAnnouncedSize(text: string, limits: ImageLimits): void {
  const root = /<(?:[\w-]+:)?svg\b((?:[^<>"']|"[^"]*"|'[^']*')*)>/i.exec(text)?.[1] ?? '';
  const [width, height] = ['width', 'height'].map((name) =>
    Number(
      new RegExp(`(?:^|\\s)${name}\\s*=\\s*["']\\s*([\\d.]+(?:e\\d+)?)(?:px)?\\s*["']`, 'i').exec(
        root,
      )?.[1] ?? 1,
    ),
  );
  checkSize(Math.max(1, Math.round(width)), Math.max(1, Math.round(height)), limits);
}

function refuse(what: string): VitrineError {
  return failure('INVALID_IMAGE', `The SVG drawing ${what}, which is not allowed`, 'Export it as PNG first.');
}

function tooMuch(what: string): VitrineError {
  return failure('TOO_LARGE', `The SVG drawing ${what}`, 'Simplify it, or export it as PNG first.');
}
