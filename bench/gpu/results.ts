import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Row = Record<string, string | number>;

/** Tables of rows by subject, written to `gpu.json` and `gpu.md` in a folder whenever something is added. */
export class Results {
  private readonly tables = new Map<string, Map<string, Row>>();

  constructor(private readonly folder?: string) {
    if (folder) mkdirSync(folder, { recursive: true });
  }

  add(table: string, subject: string, values: Row): void {
    const rows = this.tables.get(table) ?? new Map<string, Row>();
    rows.set(subject, { ...rows.get(subject), ...values });
    this.tables.set(table, rows);
    this.write();
  }

  rows(table: string): [string, Row][] {
    return [...(this.tables.get(table) ?? [])];
  }

  /** In Markdown; what a subject has not been measured for says so. */
  toString(): string {
    return [...this.tables].map(([title, rows]) => `## ${title}\n\n${tableOf(rows)}\n`).join('\n');
  }

  private write(): void {
    if (!this.folder) return;
    const tables = [...this.tables].map(([title, rows]) => [title, Object.fromEntries(rows)]);
    writeFileSync(join(this.folder, 'gpu.json'), JSON.stringify(Object.fromEntries(tables), undefined, 2));
    writeFileSync(join(this.folder, 'gpu.md'), this.toString());
  }
}

function tableOf(rows: Map<string, Row>): string {
  const columns = [...new Set([...rows.values()].flatMap((row) => Object.keys(row)))];
  const line = (cells: (string | number)[]) =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '/').replaceAll(/\s+/g, ' ')).join(' | ')} |`;
  return [
    line(['', ...columns]),
    line(Array(columns.length + 1).fill('---')),
    ...[...rows].map(([subject, row]) =>
      line([subject, ...columns.map((name) => row[name] ?? 'not measured')]),
    ),
  ].join('\n');
}
