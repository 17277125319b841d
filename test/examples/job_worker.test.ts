// The workers of a queue, on a Redis of the test's own.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '../helpers/find_program.js';
import { type Service, startRedis } from '../helpers/service.js';
import { patience, runExample } from './run_example.js';

const program = findProgram('redis-server', 'redis-server');

describe.skipIf(program === null)('job_worker', { timeout: patience }, () => {
  let redis: Service;
  beforeAll(async () => {
    redis = await startRedis(program!);
  }, patience);
  afterAll(() => redis?.stop());

  it('loses no job when a worker is killed in mid-job, does those again, and has each effect once', async () => {
    const { status, stdout, stderr } = await runExample('job_worker', [], [], redis.env);
    // What a worker says that was too busy to hold on to a job.
    const unexpected = stderr.replaceAll(/^worker \d+: .*\n/gm, '');
    expect({ status, stderr: unexpected }).toEqual({ status: 0, stderr: '' });
    const lines = stdout.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, ' | '));
    expect(lines).toEqual([
      'both in mid-job | 8 begun | 8 booked',
      'one is killed | 20 done | 0 lost',
      'at least once | 4 done twice',
      'charged once | 20 booked',
      'the other is told to end | exit 0',
      '',
    ]);
  });
});

it('says what to do where no Redis is', { timeout: patience }, async () => {
  const { status, stderr } = await runExample('job_worker', [], [], { REDIS_URL: 'redis://127.0.0.1:1' });
  expect(status).toBe(1);
  expect(stderr).toContain('There is no Redis at redis://127.0.0.1:1. Start one, or set REDIS_URL');
});
