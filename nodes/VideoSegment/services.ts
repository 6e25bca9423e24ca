import type { INodeCredentialDescription, INodeProperties } from 'n8n-workflow';
import type { SecretName, Secrets, SegmentParamsInput } from '../../lib/contracts';
import { type ItemRun, ownId, readServiceKeys, SERVICE_CREDENTIALS, text } from '../common';

/** Who is told of the video, and what the seed service's callers know it by. */
export const serviceProperties: INodeProperties[] = [
  {
    displayName: 'Barcode',
    name: 'barcode',
    type: 'string',
    default: '',
    placeholder: 'e.g. 8690504012345',
    description: 'The number below the barcode of the product; comes back in the result',
  },
  {
    displayName: 'Video ID',
    name: 'videoId',
    type: 'string',
    default: '',
    placeholder: 'e.g. 12345',
    description: 'Your own ID of the video; comes back in the result',
  },
  {
    displayName: 'Product ID',
    name: 'productId',
    type: 'string',
    default: '',
    placeholder: 'e.g. 0d2f9c1e-7f6a-4c1b-9a44-1f0c6b1d2e3f',
    description: 'Your own ID of the product; names its folder and its row in Supabase',
  },
  {
    displayName: 'Job ID',
    name: 'jobId',
    type: 'string',
    default: '',
    placeholder: 'e.g. job-123',
    description: 'With it the engine tells its CALLBACK_URL when the job begins, and how it ends',
  },
  {
    displayName: 'Read Product Data',
    name: 'metadata',
    type: 'options',
    options: [
      { name: 'Auto', value: 'auto', description: 'Where there is a key of Gemini' },
      { name: 'Off', value: 'off', description: 'No frame leaves the engine for that' },
      { name: 'On', value: 'on', description: 'Let the item fail where Gemini cannot' },
    ],
    default: 'auto',
    description: 'Whether Google Gemini reads brand, name, category and nutrition facts from a few frames',
  },
  {
    displayName: 'Deliver to Supabase',
    name: 'supabase',
    type: 'options',
    options: [
      { name: 'Auto', value: 'auto', description: 'Where there are a project, its key and a Product ID' },
      { name: 'Off', value: 'off', description: 'Nothing is delivered' },
      { name: 'On', value: 'on', description: 'Let the item fail where it cannot be delivered' },
    ],
    default: 'auto',
    description:
      'Whether the engine puts frames and product data into Storage and updates the row of the product',
  },
];

/** Optional, because an engine may have keys of its own. */
export const serviceCredentials: INodeCredentialDescription[] = [
  {
    name: SERVICE_CREDENTIALS.gemini_api_key,
    required: false,
    // n8n calls one that is always shown just "Credential".
    displayName: 'Credential for Vitrine Gemini API',
  },
  {
    name: SERVICE_CREDENTIALS.supabase_key,
    required: false,
    displayOptions: { show: { supabase: ['auto', 'on'] } },
  },
  {
    name: SERVICE_CREDENTIALS.webhook_secret,
    required: false,
    displayOptions: { hide: { jobId: [''] } },
  },
];

/** What those parameters say to the engine. */
export function readServices({ value }: ItemRun): Partial<SegmentParamsInput> {
  return {
    barcode: text(value('barcode')),
    video_id: ownId(value('videoId')),
    product_id: ownId(value('productId')),
    job_id: ownId(value('jobId')),
    metadata: value('metadata') as SegmentParamsInput['metadata'],
    supabase: value('supabase') as SegmentParamsInput['supabase'],
  };
}

/** The keys that this item's job has a use for, and the address of the project that the Supabase key belongs to. */
export function readKeys(
  run: ItemRun,
  { metadata, supabase, job_id, prompt }: Partial<SegmentParamsInput>,
): Promise<{ secrets: Secrets; supabaseUrl?: string }> {
  const names: SecretName[] = [];
  if (metadata !== 'off' || prompt) names.push('gemini_api_key');
  if (supabase !== 'off') names.push('supabase_key');
  if (job_id !== undefined) names.push('webhook_secret');
  return readServiceKeys(run, names);
}
