import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Thread, builtFile } from '../../lib/contracts';
import { tempFolder } from '../support/temp';

/** A thread runs built files: build first. */
const file = join(tempFolder(), 'inside.js');
const contracts = JSON.stringify(builtFile('lib/contracts/index.js'));
writeFileSync(
  file,
  `const { VitrineError, answerQuestions } = require(${contracts});
  let asked = 0;
  answerQuestions(async ({ kind, bytes, wait = 0 }) => {
    asked++;
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (kind === 'refuse') throw new VitrineError({ code: 'NO_SUBJECT', message: 'nothing', hint: 'look' });
    if (kind === 'break') throw new TypeError('a defect');
    if (kind === 'unsendable') return { answer: () => 0, move: [] };
    if (kind === 'die') process.exit(3);
    const twice = bytes.map((value) => 2 * value);
    return { answer: { twice, asked }, move: [twice.buffer] };
  });`,
);
const threads: Thread[] = [];
const start = () => {
  const thread = new Thread(file, 'test');
  threads.push(thread);
  return thread;
};
const double = (thread: Thread, value: number, wait = 0) => {
  const bytes = Uint8Array.of(value);
  return thread.ask({ bytes, wait }, [bytes.buffer]) as Promise<{ twice: Uint8Array; asked: number }>;
};

afterAll(() => Promise.all(threads.map((thread) => thread.end())));

describe('a thread', () => {
  test('answers each question with its own answer, the quick one before the slow one', async () => {
    const thread = start();
    const order: number[] = [];
    const answers = [double(thread, 1, 300), double(thread, 2)].map(async (coming) => {
      const { twice } = await coming;
      order.push(twice[0]);
      return twice[0];
    });
    expect(await Promise.all(answers)).toEqual([2, 4]);
    expect(order).toEqual([4, 2]);
  });

  test('buffers that move are empty afterwards, the others stay', async () => {
    const [moved, kept] = [Uint8Array.of(5), Uint8Array.of(7)];
    const thread = start();
    await thread.ask({ bytes: moved }, [moved.buffer]);
    await thread.ask({ bytes: kept });
    expect([moved.length, kept.length]).toEqual([0, 1]);
  });

  test('what it says keeps its code, a defect its words; then it goes on', async () => {
    const thread = start();
    await expect(thread.ask({ kind: 'refuse' })).rejects.toMatchObject({ code: 'NO_SUBJECT', hint: 'look' });
    await expect(thread.ask({ kind: 'break' })).rejects.toThrow('a defect');
    await expect(thread.ask({ kind: 'unsendable' })).rejects.toThrow('could not be cloned');
    expect((await double(thread, 4)).asked).toBe(4);
  });

  test('whoever waits for one that ends is told, and the next question starts it anew', async () => {
    const thread = start();
    const waiting = double(thread, 1, 60_000);
    await Promise.all([
      expect(waiting).rejects.toThrow('The test thread ended with code 3'),
      expect(thread.ask({ kind: 'die' })).rejects.toThrow('The test thread ended with code 3'),
    ]);
    expect((await double(thread, 4)).asked).toBe(1);
  });

  test('a question that cannot cross is refused at once, and leaves nobody waiting', async () => {
    const thread = start();
    await expect(thread.ask({ bytes: () => 0 })).rejects.toThrow('could not be cloned');
    expect((await double(thread, 3)).twice[0]).toBe(6);
  });
});
