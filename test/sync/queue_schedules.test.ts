// Queues lose nothing and double nothing, whoever is killed or gives up at whatever moment, and serve in order: random schedules, each
// checked against a model. GREENLETS_SCHEDULES says how many; the eight runs of CI, on as many versions of Node and ways of switching, come to
// 100,000 different ones.
import { stats } from 'greenlets/core';
import { expect, it } from 'vitest';
import { runFixture } from '../helpers/run_fixture.js';

const schedules = Number(process.env.GREENLETS_SCHEDULES ?? 12_500);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
// Others in each run.
const first = (major * 100 + minor + (stats().engine === 'sure' ? 50 : 0)) * 100_000;
const parts = 2;

it.each(Array.from({ length: parts }, (_, i) => [i]))(
  `${schedules} random schedules conserve items and order, part %i of ${parts}`,
  async (i) => {
    const count = Math.ceil(schedules / parts);
    const { stdout, stderr } = await runFixture('sync/queue_schedules', [`${first + i * count}`, `${count}`]);
    expect({ stdout: JSON.parse(stdout), stderr }).toEqual({ stdout: { ran: count }, stderr: '' });
  },
);
