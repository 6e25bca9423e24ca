import { type Answer, answerQuestions } from '../../contracts';
import { framePicture } from './picture';
import type { PictureTask } from './picture-threads';

/** The inside of a thread that draws pictures of frames. */
answerQuestions(async ({ frame, mask, crop, ratio, params }: PictureTask): Promise<Answer> => {
  const picture = await framePicture(frame, mask, crop, ratio, params);
  const { image, alpha } = picture;
  const move = [image, ...(alpha ? [alpha] : [])].map(({ data }) => data.buffer as ArrayBuffer);
  return { answer: picture, move };
});
