import { hasPairs, measure, testData, type PlainScores } from '../../bench/plain';

const present = hasPairs();
const title = present
  ? 'cutPlain on real photos'
  : `cutPlain on real photos (skipped: no pairs in ${testData()})`;

(present ? describe : describe.skip)(title, () => {
  let scores: PlainScores;

  beforeAll(async () => {
    scores = await measure();
  }, 300_000);

  it('accepts the photos on plain backdrops', () => {
    expect(scores.photos).toBeGreaterThanOrEqual(38);
    expect(scores.accepted).toBeGreaterThanOrEqual(33);
  });

  it('agrees with the hand-made masks', () => {
    expect(scores.meanIou).toBeGreaterThanOrEqual(0.95);
    expect(scores.poor).toBeLessThanOrEqual(1);
  });

  it('refuses everyday scenes', () => {
    expect(scores.scenes).toBeGreaterThanOrEqual(74);
    expect(scores.scenesAccepted.length).toBeLessThanOrEqual(1);
  });
});
