import { parametersOf, frontAndBackParams, removeParams } from '../../lib/contracts';

test('takes each parameter from the option of its name in camelCase', () => {
  expect(parametersOf(removeParams, { fillHoles: 2, alphaMattingErodeSize: '4', crop: false })).toEqual({
    fill_holes: 2,
    alpha_matting_erode_size: '4',
    crop: false,
  });
  expect(parametersOf(frontAndBackParams, { rmbgModel: 'rmbg-1.4' })).toEqual({ rmbg_model: 'rmbg-1.4' });
});

test('leaves out what is not set and what is no parameter, but not what is wrong', () => {
  const options = { size: undefined, format: null, fill_holes: 2, timeout: 60, quality: 'high', feather: '' };
  expect(parametersOf(removeParams, options)).toEqual({ quality: 'high', feather: '' });
});
