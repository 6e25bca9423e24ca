/** A piece of a page, safe to stand there as it is. */
export class Markup {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

type Value = string | number | Markup | null | undefined | false | readonly Value[];

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text as it stands in a page, in attributes with quotes too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ENTITIES[letter]);
}

/** Markup with values in it, each of which is escaped unless it is markup itself; what is not there leaves nothing. */
export function markup(parts: TemplateStringsArray, ...values: Value[]): Markup {
  return new Markup(
    parts.reduce((text, part, index) => text + part + (index < values.length ? draw(values[index]) : ''), ''),
  );
}

function draw(value: Value): string {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(draw).join('');
  return value === null || value === undefined || value === false ? '' : escapeHtml(String(value));
}
