/** What jobs tell their state of, in the seed services' words. */
export const STATUS_TYPES = ['video_processing', 'augmentation'] as const;
export type StatusType = (typeof STATUS_TYPES)[number];

/** Where states are told, below CALLBACK_URL. */
export const STATUS_ROUTE = '/api/v1/webhooks/runpod';

/** What is told of a job's state: the seed services' fields. */
export interface StatusBody {
  /** The caller's own. */
  job_id: string | number;
  type: StatusType;
  status: 'processing' | 'completed' | 'failed';
  /** Of a job that is completed. */
  result?: object;
  /** Why a job failed, in words. */
  error?: string;
}
