/** The names most like a misspelt one, at most two, the best one first. */
export function nearest(name: string, names: readonly string[]): string[] {
  const distance = (other: string) => (other.includes(name) || name.includes(other) ? 1 : edits(name, other));
  return [...names].sort((a, b) => distance(a) - distance(b)).slice(0, 2);
}

/** Letters to be changed, added or taken away to make one text the other (V. Levenshtein, 1966). */
function edits(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, above[j] + 1, row[j - 1] + 1));
    }
    above = row;
  }
  return above[b.length];
}
