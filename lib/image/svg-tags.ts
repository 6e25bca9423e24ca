/** One tag of an XML text. */
export interface Tag {
  /** Name without its prefix. */
  name: string;
  kind: 'start' | 'end' | 'empty';
  /** By their names, with prefixes. */
  attributes: Map<string, string>;
}

/** The text is not XML; the message says why, after "The SVG drawing". */
export class XmlError extends Error {}

/**
 * Goes through the tags of an XML text in one pass, whatever it holds: nothing is looked at twice. Comments, CDATA
 * and processing instructions are left out.
 * @throws XmlError for markup that no XML parser would take, and for a DOCTYPE that declares something
 */
export function* readTags(text: string): Generator<Tag> {
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    if (text.startsWith('<!--', at)) at = behind(text, '-->', at + 4);
    else if (text.startsWith('<![CDATA[', at)) at = behind(text, ']]>', at + 9);
    else if (text.startsWith('<?', at)) at = behind(text, '?>', at + 2);
    else if (text.startsWith('<!', at)) {
      const end = behind(text, '>', at + 2);
      if (text.slice(at, end).includes('[')) throw new XmlError('declares entities');
      at = end;
    } else {
      const scanner = new TagScanner(text, at + 1);
      yield scanner.read();
      at = scanner.at;
    }
  }
}

function behind(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from);
  if (at < 0) throw new XmlError(`lacks a ${JSON.stringify(end)}`);
  return at + end.length;
}

const SPACE = /[ \t\r\n]/;
const NAME_END = /[ \t\r\n=/>]/;

class TagScanner {
  constructor(
    private readonly text: string,
    public at: number,
  ) {}

  read(): Tag {
    const isEnd = this.skip('/');
    const name = this.name().replace(/^[^:]*:/, '');
    const attributes = new Map<string, string>();
    for (;;) {
      while (SPACE.test(this.text[this.at] ?? '')) this.at++;
      if (this.skip('>')) return { name, attributes, kind: isEnd ? 'end' : 'start' };
      if (this.skip('/')) {
        if (!this.skip('>')) throw new XmlError('has a broken tag');
        return { name, attributes, kind: 'empty' };
      }
      attributes.set(this.name(), this.value());
    }
  }

  private name(): string {
    const start = this.at;
    while (this.at < this.text.length && !NAME_END.test(this.text[this.at])) this.at++;
    if (this.at === start) throw new XmlError('has a broken tag');
    return this.text.slice(start, this.at);
  }

  private value(): string {
    while (SPACE.test(this.text[this.at] ?? '')) this.at++;
    if (!this.skip('=')) throw new XmlError('has an attribute without a value');
    while (SPACE.test(this.text[this.at] ?? '')) this.at++;
    const quote = this.text[this.at];
    if (quote !== '"' && quote !== "'") throw new XmlError('has an attribute without quotes');
    const start = this.at + 1;
    this.at = behind(this.text, quote, start);
    return this.text.slice(start, this.at - 1);
  }

  private skip(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }
}
