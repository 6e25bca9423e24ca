import { ERROR_STATUS, VitrineError, cancelled } from '../../lib/contracts';

test('an error survives the way through another process', () => {
  const error = new VitrineError({ code: 'QUEUE_FULL', message: 'full', hint: 'wait', retryAfter: 5 });
  const copy = VitrineError.fromBody(JSON.parse(JSON.stringify(error)));
  expect(copy).toMatchObject({
    code: 'QUEUE_FULL',
    message: 'full',
    hint: 'wait',
    retryAfter: 5,
    status: 503,
  });
});

test('an unknown code from elsewhere becomes INTERNAL', () => {
  expect(VitrineError.fromBody({ code: 'NOVEL' as never, message: 'm', hint: 'h' }).code).toBe('INTERNAL');
});

test('what is not ours keeps its text out of the message', () => {
  const error = VitrineError.from(new Error('token=abc /home/me'));
  expect(error.code).toBe('INTERNAL');
  expect(JSON.stringify(error)).not.toContain('abc');
  expect((error.cause as Error).message).toContain('abc');
});

test('a full disk is named', () => {
  expect(VitrineError.from(Object.assign(new Error('x'), { code: 'ENOSPC' })).code).toBe('DISK_FULL');
});

test('an abort is a cancellation', () => {
  expect(VitrineError.from(new DOMException('stop', 'AbortError')).code).toBe(cancelled().code);
});

test('every code has an HTTP error status', () => {
  for (const status of Object.values(ERROR_STATUS)) expect(status).toBeGreaterThanOrEqual(400);
});
