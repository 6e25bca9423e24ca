import { type CallbackParams, type JobName, VitrineError } from '../../contracts';
import { JobRecord } from './job-record';

/** Jobs that are remembered at most, once they have ended. */
const MOST_ENDED = 1000;

/** The jobs that callers may ask about, in memory: those that go on, and ended ones for as long as their files are kept. */
export class JobRecords {
  /** By their ids, the oldest first. */
  private readonly records = new Map<string, JobRecord>();

  constructor(
    private readonly ttlHours: number,
    private readonly mostEnded = MOST_ENDED,
  ) {}

  open(job: JobName, { mediaId, projectId }: CallbackParams): JobRecord {
    this.sweep();
    const record = new JobRecord(job, { mediaId, projectId });
    this.records.set(record.jobId, record);
    return record;
  }

  /** @throws VitrineError NOT_FOUND */
  find(jobId: string): JobRecord {
    const record = this.records.get(jobId);
    if (!record) throw this.unknown(jobId);
    return record;
  }

  /** Forgets what ended long ago, and the oldest of too many. */
  sweep(now = Date.now()): void {
    const ended = [...this.records.values()].filter(({ endedAt }) => endedAt !== undefined);
    const tooMany = ended.length - this.mostEnded;
    ended.forEach(({ jobId, endedAt }, index) => {
      if (index < tooMany || now - endedAt! > this.ttlHours * 3_600_000) this.records.delete(jobId);
    });
  }

  private unknown(jobId: string): VitrineError {
    const { mostEnded, ttlHours } = this;
    return new VitrineError({
      code: 'NOT_FOUND',
      message: `This engine knows no job ${JSON.stringify(jobId.slice(0, 80))}`,
      hint:
        'Jobs are kept in memory: an engine that was restarted does not know those from before, and ended ones are ' +
        `forgotten after ${ttlHours} h, or when ${mostEnded} others have ended since. If its callback did not come either, send it again.`,
    });
  }
}
