import type { ImageLimits, VitrineError } from '../contracts';
import { checkSize, failure } from './problems';
import { readTags, type Tag, XmlError } from './svg-tags';

/** Far more than a product drawing needs, far less than what stalls the renderer. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_ELEMENTS = 50_000;
const MAX_DEPTH = 200;
/** Elements drawn after every reference has been followed. */
const MAX_EXPANDED = 200_000;
/** Layers inside layers: the renderer keeps up to 32 MB for each. */
const MAX_LAYERS = 24;

/** Elements that load something, run something, or cost far more time than their size tells. */
const FORBIDDEN = /^(image|feImage|script|foreignObject|filter|iframe|audio|video|animate|include)/i;

/** Encodings whose markup is the same bytes as in ASCII, so that nothing hides from the checks. */
const ENCODINGS = /^(utf-?8|us-ascii|ascii|iso-8859-\d+|latin1|windows-125\d)$/i;

/**
 * Refuses drawings that would read files, reach the network, or take unbounded time or memory to draw. What
 * passes has no entities, no embedded or linked pictures, no filters, and a bounded number of drawn elements and of
 * layers inside each other. Takes time in proportion to the text.
 * @throws VitrineError INVALID_IMAGE, TOO_LARGE
 */
export function checkSvg(bytes: Buffer, limits: ImageLimits): void {
  if (bytes.length > MAX_BYTES) throw tooMuch(`has ${bytes.length} bytes, over the limit of ${MAX_BYTES}`);
  if (/^(\xff\xfe|\xfe\xff|\0)/.test(bytes.toString('latin1', 0, 2))) throw refuse('is not encoded in UTF-8');
  const text = bytes.toString('utf8');
  checkText(text);
  const root = readElements(text);
  checkExpansion(root);
  checkAnnouncedSize(root.children[0]?.attributes, limits);
}

function checkText(text: string): void {
  const [, encoding = 'UTF-8'] = /^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']{0,40})/.exec(text) ?? [];
  if (!ENCODINGS.test(encoding)) throw refuse(`is encoded in ${JSON.stringify(encoding)}`);
  if (/<!ENTITY/i.test(text)) throw refuse('declares entities');
  if (/<!DOCTYPE/i.test(text) && /&(?!(amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i.test(text))
    throw refuse('uses entities');
  if (/<\?xml-stylesheet/i.test(text) || /@import/i.test(text))
    throw refuse('refers to a style sheet outside of it');
  for (const target of links(text)) if (!target.startsWith('#')) throw refuseLink(target);
}

/** What stands in `url(...)`. */
function links(text: string): string[] {
  return [...text.matchAll(/url\(\s*["']?\s*([^"')\s]*)/gi)].map(([, target]) => target);
}

interface Element {
  attributes: Map<string, string>;
  children: Element[];
  /** Ids of what it uses. */
  references: string[];
  isLayer: boolean;
}

function readElements(text: string): Element {
  const root: Element = { attributes: new Map(), children: [], references: [], isLayer: false };
  const open = [root];
  let count = 0;
  try {
    for (const tag of readTags(text)) {
      if (tag.kind === 'end') {
        if (open.length > 1) open.pop();
        continue;
      }
      if (++count > MAX_ELEMENTS) throw tooMuch(`has more than ${MAX_ELEMENTS} elements`);
      if (FORBIDDEN.test(tag.name)) throw refuse(`has a <${tag.name.slice(0, 40)}> element`);
      const element = describe(tag);
      open[open.length - 1].children.push(element);
      if (tag.kind === 'empty') continue;
      open.push(element);
      if (open.length > MAX_DEPTH) throw tooMuch(`is nested more than ${MAX_DEPTH} levels deep`);
    }
  } catch (error) {
    throw error instanceof XmlError ? refuse(error.message) : error;
  }
  return root;
}

/** Names are compared as they are written, so none may be written in another way. */
function checkName(name: string): string {
  if (/[&\\]/.test(name)) throw refuse(`has the escaped name ${JSON.stringify(name.slice(0, 60))}`);
  return name;
}

function describe({ name, attributes }: Tag): Element {
  const references: string[] = [];
  for (const [attribute, value] of attributes) {
    if (/(^|:)href$/i.test(attribute)) {
      const target = value.trim();
      if (!target.startsWith('#')) throw refuseLink(target);
      references.push(checkName(target.slice(1)));
    } else references.push(...links(value).map((target) => checkName(target.slice(1))));
  }
  checkName(attributes.get('id') ?? '');
  return { attributes, children: [], references, isLayer: isLayer(name, attributes) };
}

/** Whether the renderer draws an element on a sheet of its own before it is laid over the rest. */
function isLayer(name: string, attributes: Map<string, string>): boolean {
  if (/^(mask|pattern|clipPath)$/i.test(name)) return true;
  const layered = /(^|[\s;])(opacity|mask|clip-path|mix-blend-mode|isolation)\s{0,9}:/i;
  return (
    ['opacity', 'mask', 'clip-path'].some((attribute) => attributes.has(attribute)) ||
    layered.test(attributes.get('style') ?? '')
  );
}

/** What drawing an element takes, everything inside it and everything that it refers to included. */
interface Cost {
  elements: number;
  /** Layers inside each other. */
  layers: number;
}

/** Counts what is drawn when every reference is followed, as `use` of groups of `use` grows exponentially. */
function checkExpansion(root: Element): void {
  const byId = new Map<string, Element>();
  const visit = (element: Element): void => {
    const id = element.attributes.get('id');
    if (id !== undefined) byId.set(id, element);
    element.children.forEach(visit);
  };
  visit(root);
  const costs = new Map<Element, Cost>();
  const active = new Set<Element>();
  const cost = (element: Element): Cost => {
    const known = costs.get(element);
    if (known) return known;
    if (active.has(element)) throw refuse('refers to itself');
    if (active.size > MAX_DEPTH * 4) throw tooMuch('refers from one element to the next too many times');
    active.add(element);
    const sum = { elements: 1, layers: 0 };
    const targets = element.references.map((id) => byId.get(id)).filter((target) => target !== undefined);
    for (const part of [...element.children, ...targets]) {
      const { elements, layers } = cost(part);
      sum.elements += elements;
      sum.layers = Math.max(sum.layers, layers);
    }
    active.delete(element);
    if (element.isLayer) sum.layers++;
    if (sum.elements > MAX_EXPANDED) throw tooMuch(`draws more than ${MAX_EXPANDED} elements`);
    if (sum.layers > MAX_LAYERS) {
      throw tooMuch(`has more than ${MAX_LAYERS} masks, patterns or transparent groups inside each other`);
    }
    costs.set(element, sum);
    return sum;
  };
  cost(root);
}

/** The size in plain numbers or px; other units are checked when the renderer has read them. */
function checkAnnouncedSize(attributes: Map<string, string> | undefined, limits: ImageLimits): void {
  const [width, height] = ['width', 'height'].map((name) => {
    const [, pixels] = /^([\d.]+(?:e\d+)?)(?:px)?$/i.exec(attributes?.get(name)?.trim() ?? '') ?? [];
    return Math.max(1, Math.round(Number(pixels ?? 1)));
  });
  checkSize(width, height, limits);
}

function refuse(what: string): VitrineError {
  return failure('INVALID_IMAGE', `The SVG drawing ${what}, which is not allowed`, 'Export it as PNG first.');
}

function refuseLink(target: string): VitrineError {
  return refuse(`refers to ${JSON.stringify(target.slice(0, 60))}`);
}

function tooMuch(what: string): VitrineError {
  return failure('TOO_LARGE', `The SVG drawing ${what}`, 'Simplify it, or export it as PNG first.');
}
