import { type EdgeErrors, improvement, measure } from '../../bench/edges';

/** The rendered examples: true foreground, true alpha. */
describe('colours of the edge band, cut out with the true alpha', () => {
  let rows: EdgeErrors[];
  beforeAll(async () => (rows = await measure()), 120_000);

  it('are at least 2.5 times nearer to the truth than those of a plain cut', () => {
    expect(rows.length).toBeGreaterThanOrEqual(15);
    expect(improvement(rows, 'blur-fusion')).toBeGreaterThan(2.5);
    const ratios = rows.map(({ errors }) => errors.plain / errors['blur-fusion']);
    expect(ratios.reduce((sum, ratio) => sum + ratio) / ratios.length).toBeGreaterThan(2.5);
  });

  it('gain on every kind of picture, and most on glass', () => {
    const kinds = { packshots: 2.5, scenes: 2.5, translucent: 3, hair: 1.4 };
    for (const [kind, least] of Object.entries(kinds)) {
      const own = rows.filter(({ name }) => name.startsWith(`${kind}/`));
      expect(own.length).toBeGreaterThan(0);
      expect([kind, improvement(own, 'blur-fusion') > least]).toEqual([kind, true]);
    }
  });

  it('gain by multi-level estimation too', () => {
    for (const { name, errors } of rows) {
      expect([name, errors['multi-level'] < errors.plain]).toEqual([name, true]);
    }
  });
});
