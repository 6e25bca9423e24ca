import { z } from 'zod/v4';
import { expected } from '../../expected';
import { cutForCpu } from '../../onnx';
import { family } from '../types';
import { graphInput, graphOutput } from './fields';
import { matteNetwork } from './network';

const input = 'an object with size, mean and std';
const output = 'an object with tensor, activation and normalise';
/** On the CPU, a copy cut to the one output and with float32 weights is made once and used instead. */
const derive = expected(z.boolean().default(false), 'true or false');

/**
 * Networks that see the whole photo and answer with one map of the product: ISNet, U2Net, BiRefNet, RMBG, BEN2, MODNet
 * and their kin.
 */
export const saliency = family({
  task: 'cutout',
  roles: ['graph'],
  fields: {
    input: expected(graphInput, input),
    output: expected(graphOutput.prefault({}), output),
    derive,
  },
  variantFields: {
    input: expected(graphInput.optional(), input),
    output: expected(graphOutput.optional(), output),
    derive,
  },
  change: ({ derive, output }, _, device) =>
    derive && device === 'cpu' ? cutForCpu(output.tensor) : undefined,
  open: (entry, { graph }) => matteNetwork(entry, graph),
  trial: async (network) => {
    const { session, size, output } = network;
    const black = { data: new Uint8Array(3 * size * size), width: size, height: size };
    const feeds = network.feeds(await network.resize(black));
    return () => session.run(feeds, [output]);
  },
});
